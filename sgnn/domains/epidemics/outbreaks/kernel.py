"""The stochastic outbreak: chain-binomial S, E, I, R in age groups, in steps of a fraction of a day.

Transitions are binomial with probability ``1 - exp(-rate * dt)``, so that nobody is made or lost. One infectious
person among susceptible people causes ``r0`` infections on average, exactly, whatever the step and the mixing of
groups: contacts are divided by the spectral radius of the mixing matrix.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.simulation.random import binomial, open_stream

GROUPS = 4
_ITERATIONS = 60


@njit(cache=True, nogil=True)
def mixing_matrix(sizes: np.ndarray, activity: np.ndarray, assortativity: float, mixing: np.ndarray) -> None:
    """Fill ``mixing[to, source]``: infections of a group caused by one infectious person of another, at R0 = 1.

    A share ``assortativity`` of contacts falls in the own group, the rest is proportionate to the groups' activity and
    size. Scaled to a spectral radius of 1, found by power iteration.
    """
    groups = sizes.shape[0]
    offered = 0.0
    for group in range(groups):
        offered += sizes[group] * activity[group]
    for to in range(groups):
        for source in range(groups):
            share = (1.0 - assortativity) * sizes[to] * activity[to] / offered
            if to == source:
                share += assortativity
            mixing[to, source] = activity[source] * share
    vector, product, radius = np.ones(groups), np.empty(groups), 1.0
    for _ in range(_ITERATIONS):
        for to in range(groups):
            product[to] = 0.0
            for source in range(groups):
                product[to] += mixing[to, source] * vector[source]
        radius = product[0]
        for to in range(groups):
            radius = max(radius, product[to])
        for to in range(groups):
            vector[to] = product[to] / radius
    for to in range(groups):
        for source in range(groups):
            mixing[to, source] /= radius


@njit(cache=True, nogil=True)
def _step(
    people: np.ndarray,
    hazards: np.ndarray,
    emerge: float,
    recover: float,
    lose: float,
    returns: bool,
    state: np.ndarray,
) -> int:
    """Move people of all groups by one step; new infections. ``people`` is (group, S E I R)."""
    infected = 0
    for group in range(people.shape[0]):
        new = binomial(state, people[group, 0], 1.0 - math.exp(-hazards[group]))
        out = binomial(state, people[group, 1], emerge) if emerge < 1.0 else 0
        gone = binomial(state, people[group, 2], recover)
        lost = binomial(state, people[group, 3], lose) if lose > 0.0 else 0
        people[group, 0] += lost - new
        if emerge < 1.0:
            people[group, 1] += new - out
            people[group, 2] += out
        else:
            people[group, 2] += new
        people[group, 2] -= gone
        if returns:
            people[group, 0] += gone
        else:
            people[group, 3] += gone - lost
        infected += new
    return infected


@njit(cache=True, nogil=True)
def _outbreak(
    sizes: np.ndarray,
    mixing: np.ndarray,
    r0: float,
    recovery_rate: float,
    latent_rate: float,
    waning_rate: float,
    returns: bool,
    seeds: int,
    steps: int,
    cut_day: float,
    contacts_left: float,
    state: np.ndarray,
    infections: np.ndarray,
    reproduction: np.ndarray,
    susceptible: np.ndarray,
) -> None:
    """One outbreak; fills infections (day,), the mean R_t of each day and the susceptible share at its end.

    From ``cut_day`` on contacts are multiplied by ``contacts_left``. R_t is NaN on days when nobody is infectious.
    """
    groups = sizes.shape[0]
    people = np.zeros((groups, 4), dtype=np.int64)
    total = 0
    for group in range(groups):
        people[group, 0] = sizes[group]
        total += sizes[group]
    # the first infections fall where most contacts do
    first, most = 0, 0.0
    for to in range(groups):
        caused = 0.0
        for source in range(groups):
            caused += mixing[to, source]
        if caused > most:
            first, most = to, caused
    seeds = min(seeds, people[first, 0])
    people[first, 0] -= seeds
    people[first, 2] += seeds
    dt = 1.0 / steps
    emerge = 1.0 - math.exp(-latent_rate * dt) if latent_rate > 0.0 else 1.0
    recover = 1.0 - math.exp(-recovery_rate * dt)
    lose = 1.0 - math.exp(-waning_rate * dt)
    hazards = np.empty(groups)
    for day in range(infections.shape[0]):
        counted, expected, about = 0, 0.0, 0.0
        contacts = contacts_left if day >= cut_day else 1.0
        for _ in range(steps):
            for to in range(groups):
                force = 0.0
                for source in range(groups):
                    force += mixing[to, source] * people[source, 2]
                hazards[to] = contacts * r0 * recover * force / max(sizes[to], 1)
                expected += hazards[to] * people[to, 0]
            for group in range(groups):
                about += people[group, 2] * recover
            counted += _step(people, hazards, emerge, recover, lose, returns, state)
        left = 0
        for group in range(groups):
            left += people[group, 0]
        infections[day] = counted
        reproduction[day] = expected / about if about > 0.0 else math.nan
        susceptible[day] = left / total


@njit(cache=True, nogil=True)
def simulate_outbreaks(
    population: np.ndarray,
    shares: np.ndarray,
    activity: np.ndarray,
    assortativity: np.ndarray,
    rates: np.ndarray,
    seeds: np.ndarray,
    measures: np.ndarray,
    returns: bool,
    steps: int,
    key: int,
    draws: np.ndarray,
    infections: np.ndarray,
    reproduction: np.ndarray,
    susceptible: np.ndarray,
) -> None:
    """Outbreaks of a batch: ``shares`` and ``activity`` (draw, group), ``rates`` (draw, R0 recovery latent waning).

    ``measures`` (draw, 2) holds the day from which contacts are cut, and the share of them that is left.
    """
    groups = shares.shape[1]
    for row in range(population.shape[0]):
        sizes = np.zeros(groups, dtype=np.int64)
        left = np.int64(population[row])
        for group in range(groups - 1):
            sizes[group] = min(np.int64(round(population[row] * shares[row, group])), left)
            left -= sizes[group]
        sizes[groups - 1] = left
        mixing = np.empty((groups, groups))
        mixing_matrix(sizes.astype(np.float64), activity[row], assortativity[row], mixing)
        _outbreak(
            sizes,
            mixing,
            rates[row, 0],
            rates[row, 1],
            rates[row, 2],
            rates[row, 3],
            returns,
            np.int64(seeds[row]),
            steps,
            measures[row, 0],
            measures[row, 1],
            open_stream(key, draws[row]),
            infections[row],
            reproduction[row],
            susceptible[row],
        )
