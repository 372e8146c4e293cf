"""The stochastic outbreak whose latent and infectious periods have stages: chain-binomial, in fractions of a day.

A period of ``n`` stages is the sum of ``n`` geometric waits: for short steps an Erlang distribution, the narrower the
more stages. Infections are counted on the day on which they happen, those that came from elsewhere with them.
"""

from __future__ import annotations

import math

import numpy as np

from sgnn.simulation.compiled import inner, outer
from sgnn.simulation.random import binomial, gamma, open_stream, poisson

_EVEN = 1e5
"""Shape above which the chance of who infects many is less than 0.3 % of the force, and is left out."""


@inner
def _move(people: np.ndarray, leave: float, arriving: int, state: np.ndarray) -> int:
    """Move people on through the stages of a period, ``arriving`` into its first; how many leave the last."""
    for stage in range(people.shape[0]):
        gone = binomial(state, people[stage], leave)
        people[stage] += arriving - gone
        arriving = gone
    return arriving


@inner
def _imported(imports: np.ndarray, day: int, dt: float, state: np.ndarray) -> int:
    """Infections from elsewhere in a step; ``imports`` is (rate a day, its growth a day, last day)."""
    if imports[0] <= 0.0 or day >= imports[2]:
        return 0
    return poisson(state, imports[0] * math.exp(imports[1] * day) * dt)


@inner
def _staged(
    people: int,
    r0: float,
    dispersion: float,
    latent: np.ndarray,
    infectious: np.ndarray,
    leave: np.ndarray,
    seeds: int,
    steps: int,
    imports: np.ndarray,
    measure: np.ndarray,
    state: np.ndarray,
    infections: np.ndarray,
    reproduction: np.ndarray,
    susceptible: np.ndarray,
) -> None:
    """One outbreak; fills infections (day,), the mean R_t of each day and the susceptible share at its end.

    ``latent`` and ``infectious`` (stage,) begin empty; ``leave`` holds the probability of leaving a stage of each in a
    step. R_t is NaN on days when nobody is infectious.
    """
    mean_steps = infectious.shape[0] / leave[1]
    left, entering, dt = people - seeds, seeds, 1.0 / steps
    for day in range(infections.shape[0]):
        counted, expected, about = entering, 0.0, 0.0
        contacts = measure[1] if day >= measure[0] else 1.0
        for _ in range(steps):
            ending = 0.0
            for stage in range(infectious.shape[0]):
                ending += infectious[stage] / mean_steps
            force = contacts * r0 * ending / people
            expected += force * left
            about += ending
            shape = dispersion * ending
            if 0.0 < shape < _EVEN:
                force *= gamma(state, shape) / shape
            new = binomial(state, left, 1.0 - math.exp(-force)) if force > 0.0 else 0
            new += min(_imported(imports, day, dt, state), left - new)
            left -= new
            counted += new
            emerging = _move(latent, leave[0], new + entering, state)
            _move(infectious, leave[1], emerging, state)
            entering = 0
        infections[day] = counted
        reproduction[day] = expected / about if about > 0.0 else math.nan
        susceptible[day] = left / people


@outer
def simulate_staged(
    population: np.ndarray,
    rates: np.ndarray,
    stages: np.ndarray,
    leave: np.ndarray,
    seeds: np.ndarray,
    imports: np.ndarray,
    measures: np.ndarray,
    steps: int,
    key: int,
    draws: np.ndarray,
    infections: np.ndarray,
    reproduction: np.ndarray,
    susceptible: np.ndarray,
) -> None:
    """Outbreaks of a batch: ``rates`` (draw, R0 dispersion), ``stages`` and ``leave`` (draw, latent infectious).

    ``imports`` (draw, 3) holds rate, growth and last day; ``measures`` (draw, 2) the day from which contacts are cut,
    and the share of them that is left.
    """
    for row in range(population.shape[0]):
        _staged(
            np.int64(population[row]),
            rates[row, 0],
            rates[row, 1],
            np.zeros(stages[row, 0], dtype=np.int64),
            np.zeros(stages[row, 1], dtype=np.int64),
            leave[row],
            np.int64(seeds[row]),
            steps,
            imports[row],
            measures[row],
            open_stream(key, draws[row]),
            infections[row],
            reproduction[row],
            susceptible[row],
        )
