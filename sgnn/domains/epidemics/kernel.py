"""The stochastic epidemic: chain-binomial compartments, two patches, three strains, and what is seen of them.

One kernel serves every mechanism; a part that a mechanism lacks has inert parameter values. People move between
compartments by binomial draws with probability ``1 - exp(-rate * dt)``, so that nobody is made or lost. The force of
infection is scaled such that one infectious person causes exactly ``r0`` infections on average in a fully susceptible
population, whatever the step. Admissions and deaths are Poisson about the convolution of infections with their delays.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from sgnn.domains.epidemics.calendar import DAYS_PER_WEEK
from sgnn.domains.epidemics.delays import LONGEST_DELAY, gamma_delay, last_lag
from sgnn.domains.epidemics.transmission import add_change_points, add_random_walk, add_seasonality
from sgnn.simulation.random import binomial, gamma, normal, open_stream, poisson

PATCHES = 2
STRAINS = 3
_TAIL = 1e-3
_SMOOTHING = 1.0 / 7.0
_VARIANT_SEEDS = 20.0


@njit(cache=True, nogil=True)
def _begin(p: Any, dynamics: np.ndarray, people: np.ndarray) -> None:
    """Set the compartments ``people[patch, compartment]``: S, R, then E, A, I by strain."""
    people[:, :] = 0
    total = np.int64(p.population)
    second = np.int64(total * p.second_patch_share)
    for patch in range(PATCHES):
        size = second if patch == 1 else total - second
        infected = binomial(dynamics, size, p.infected_share) if patch == 0 or p.coupling > 0.0 else 0
        if patch == 0 and infected == 0 and size > 0:
            infected = 1
        immune = binomial(dynamics, size - infected, p.immune_share)
        people[patch, 0] = size - infected - immune
        people[patch, 1] = immune
        people[patch, 8] = infected


@njit(cache=True, nogil=True)
def _strains(p: Any, transmissibility: np.ndarray, escape: np.ndarray, severity: np.ndarray) -> None:
    transmissibility[0], escape[0], severity[0] = 1.0, 0.0, 1.0
    transmissibility[1], escape[1], severity[1] = p.variant_1_transmissibility, p.variant_1_escape, p.variant_1_severity
    transmissibility[2] = p.variant_1_transmissibility * p.variant_2_transmissibility
    escape[2] = p.variant_2_escape
    severity[2] = p.variant_1_severity * p.variant_2_severity


@njit(cache=True, nogil=True)
def _infect(
    people: np.ndarray, patch: int, strain: int, count: int, latent: bool, asymptomatic: float, dynamics: np.ndarray
) -> int:
    """Put ``count`` newly infected people where they belong; returns how many show symptoms at once."""
    if latent:
        people[patch, 2 + strain] += count
        return 0
    silent = binomial(dynamics, count, asymptomatic)
    people[patch, 5 + strain] += silent
    people[patch, 8 + strain] += count - silent
    return count - silent


@njit(cache=True, nogil=True)
def _progress(people: np.ndarray, patch: int, p: Any, dt: float, dynamics: np.ndarray, onsets: np.ndarray) -> None:
    """Recoveries and ends of latency of one patch in one step; adds symptom onsets by strain."""
    recover = 1.0 - math.exp(-p.recovery_rate * dt)
    emerge = 1.0 - math.exp(-p.latent_rate * dt)
    for strain in range(STRAINS):
        for compartment in (5 + strain, 8 + strain):
            if people[patch, compartment] > 0:
                gone = binomial(dynamics, people[patch, compartment], recover)
                people[patch, compartment] -= gone
                people[patch, 1] += gone
        if people[patch, 2 + strain] > 0:
            out = binomial(dynamics, people[patch, 2 + strain], emerge)
            silent = binomial(dynamics, out, p.asymptomatic_share)
            people[patch, 2 + strain] -= out
            people[patch, 5 + strain] += silent
            people[patch, 8 + strain] += out - silent
            onsets[strain] += out - silent


@njit(cache=True, nogil=True)
def _immunity(people: np.ndarray, patch: int, lose: float, vaccinate: float, dynamics: np.ndarray) -> None:
    """Waning and births return people to the susceptible; vaccination takes them away."""
    waned = binomial(dynamics, people[patch, 1], lose) if lose > 0.0 and people[patch, 1] > 0 else 0
    protected = binomial(dynamics, people[patch, 0], vaccinate) if vaccinate > 0.0 and people[patch, 0] > 0 else 0
    people[patch, 0] += waned - protected
    people[patch, 1] += protected - waned


@njit(cache=True, nogil=True)
def _forces(
    people: np.ndarray,
    p: Any,
    contact: float,
    noise_shape: float,
    transmissibility: np.ndarray,
    dynamics: np.ndarray,
    force: np.ndarray,
) -> float:
    """Fill ``force[patch, strain]``, the hazard of infection in one step; returns the infectiousness now about."""
    total = 0.0
    force[:, :] = 0.0
    for source in range(PATCHES):
        size = people[source].sum()
        if size == 0:
            continue
        for strain in range(STRAINS):
            infectious = people[source, 8 + strain] + p.asymptomatic_infectiousness * people[source, 5 + strain]
            if infectious <= 0.0:
                continue
            total += infectious
            shape = noise_shape * infectious
            emitted = infectious * gamma(dynamics, shape) / shape if shape < 1e5 else infectious
            for patch in range(PATCHES):
                mixing = 1.0 - p.coupling if patch == source else p.coupling
                place = p.second_patch_contact if patch == 1 else 1.0
                force[patch, strain] += contact * place * transmissibility[strain] * mixing * emitted / size
    return total


@njit(cache=True, nogil=True)
def _transmit(
    people: np.ndarray,
    patch: int,
    p: Any,
    force: np.ndarray,
    escape: np.ndarray,
    dynamics: np.ndarray,
    onsets: np.ndarray,
) -> int:
    """New infections of one patch in one step, from the susceptible and, for escaping strains, from the immune."""
    hazard = force[patch].sum()
    if hazard <= 0.0:
        return 0
    latent = p.latent_rate > 0.0
    infected = binomial(dynamics, people[patch, 0], 1.0 - math.exp(-hazard))
    people[patch, 0] -= infected
    left, rest = infected, hazard
    for strain in range(STRAINS):
        if force[patch, strain] <= 0.0:
            continue
        share = min(1.0, force[patch, strain] / rest)
        count = left if share >= 1.0 else binomial(dynamics, left, share)
        rest = max(rest - force[patch, strain], 1e-300)
        left -= count
        again = 0
        if escape[strain] > 0.0 and people[patch, 1] > 0:
            again = binomial(dynamics, people[patch, 1], 1.0 - math.exp(-escape[strain] * force[patch, strain]))
            people[patch, 1] -= again
            infected += again
        onsets[strain] += _infect(people, patch, strain, count + again, latent, p.asymptomatic_share, dynamics)
    if left > 0:
        people[patch, 0] += left
        infected -= left
    return infected


@njit(cache=True, nogil=True)
def _arrive(people: np.ndarray, strain: int, count: int, p: Any, dynamics: np.ndarray, onsets: np.ndarray) -> int:
    """Infect up to ``count`` susceptible people of the first patch from outside."""
    count = min(count, people[0, 0])
    people[0, 0] -= count
    onsets[strain] += _infect(people, 0, strain, count, p.latent_rate > 0.0, p.asymptomatic_share, dynamics)
    return count


@njit(cache=True, nogil=True)
def _vaccination(p: Any, day: int, dt: float) -> tuple[float, float]:
    """Share of the susceptible protected in one step of this day, and what severity falls to."""
    covered = min(max(day - p.vaccination_start, 0.0) * p.vaccination_pace, p.vaccination_coverage)
    running = p.vaccination_pace > 0.0 and day - p.vaccination_start >= 0.0 and covered < p.vaccination_coverage
    vaccinate = p.vaccination_pace * p.vaccine_efficacy / max(1.0 - covered, 0.05) * dt if running else 0.0
    frail = 1.0 - (1.0 - covered) ** p.vaccine_targeting
    return vaccinate, 1.0 - p.vaccine_severe_efficacy * frail


@njit(cache=True, nogil=True)
def _measures(p: Any, day: int, recent_cases: float, population: float, measures: np.ndarray) -> bool:
    """Whether interventions hold today; ``measures`` is whether they were decided on, from which day, until which."""
    threshold = p.intervention_threshold * population
    if measures[0] == 0 and recent_cases > threshold and day >= measures[2]:
        measures[0] = 1
        measures[1] = day + int(p.intervention_delay)
        measures[2] = measures[1] + int(p.intervention_days)
    elif measures[0] == 1 and day >= measures[2] and recent_cases < p.intervention_release * threshold:
        measures[0] = 0
    return measures[0] == 1 and day >= measures[1]


@njit(cache=True, nogil=True)
def _awareness(p: Any, elapsed: int, recent_deaths: float, population: float) -> float:
    """What deaths of late take from the log of contacts; people tire of it with the days elapsed."""
    if p.awareness_strength <= 0.0:
        return 0.0
    threshold = p.awareness_threshold * math.exp(elapsed / p.fatigue)
    return p.awareness_strength * math.log1p(recent_deaths / population * 1e6 / threshold)


@njit(cache=True, nogil=True)
def _spread(
    people: np.ndarray,
    p: Any,
    steps: int,
    contact: float,
    leaving: tuple[float, float, float],
    strains: np.ndarray,
    dynamics: np.ndarray,
    force: np.ndarray,
    onsets: np.ndarray,
) -> tuple[int, float, float]:
    """One day of transmission: infections, infections expected, and the infectiousness about, summed over steps.

    ``leaving`` is the shares that in one step leave infectiousness, immunity and, by vaccination, susceptibility.
    """
    transmissibility, escape = strains[0], strains[1]
    removal, lose, vaccinate = leaving
    dt = 1.0 / steps
    infected, expected, about = 0, 0.0, 0.0
    for _ in range(steps):
        about += _forces(people, p, contact, p.offspring_dispersion * removal, transmissibility, dynamics, force)
        for patch in range(PATCHES):
            for strain in range(STRAINS):
                expected += force[patch, strain] * (people[patch, 0] + escape[strain] * people[patch, 1])
        for patch in range(PATCHES):
            _progress(people, patch, p, dt, dynamics, onsets)
            infected += _transmit(people, patch, p, force, escape, dynamics, onsets)
            _immunity(people, patch, lose, vaccinate, dynamics)
    return infected, expected, about


@njit(cache=True, nogil=True)
def _arrivals(
    people: np.ndarray,
    p: Any,
    day: int,
    first: int,
    dynamics: np.ndarray,
    outcomes: np.ndarray,
    onsets: np.ndarray,
) -> int:
    """Infections from outside: importation of the newest strain, and each variant's seeds on its day."""
    second = p.variant_1_day + p.variant_2_interval
    infected = 0
    if p.import_rate > 0.0:
        newest = 2 if day >= second else (1 if day >= p.variant_1_day else 0)
        infected += _arrive(people, newest, poisson(outcomes, p.import_rate), p, dynamics, onsets)
    if day == max(int(p.variant_1_day), first) and p.variant_1_transmissibility > 1.0:
        infected += _arrive(people, 1, poisson(outcomes, _VARIANT_SEEDS), p, dynamics, onsets)
    if day == int(second) and p.variant_2_transmissibility > 1.0:
        infected += _arrive(people, 2, poisson(outcomes, _VARIANT_SEEDS), p, dynamics, onsets)
    return infected


@njit(cache=True, nogil=True)
def _drawn(due: np.ndarray, at: int, expected: float, lags: np.ndarray, longest: int, outcomes: np.ndarray) -> int:
    """Add what is expected to the days on which it falls due, then draw what happens today."""
    if expected > 0.0:
        for lag in range(longest):
            due[at + lag] += expected * lags[lag]
    return poisson(outcomes, due[at]) if due[at] > 0.0 else 0


@njit(cache=True, nogil=True)
def simulate_epidemic(
    p: Any,
    steps_per_day: int,
    dynamics: np.ndarray,
    drift: np.ndarray,
    outcomes: np.ndarray,
    infections: np.ndarray,
    cases: np.ndarray,
    admissions: np.ndarray,
    deaths: np.ndarray,
    reproduction: np.ndarray,
    susceptible: np.ndarray,
) -> None:
    """One epidemic; fills the daily outputs (people/day), R_t and the susceptible share."""
    days = infections.shape[0]
    first = -int(p.burn_in)
    log_transmission = np.zeros(days - first)
    add_seasonality(p, first, log_transmission, drift)
    add_random_walk(p, log_transmission, drift)
    add_change_points(p, log_transmission, drift)

    to_hospital, to_death = np.empty(LONGEST_DELAY), np.empty(LONGEST_DELAY)
    gamma_delay(p.hospital_delay_shape, p.hospital_delay_scale, to_hospital)
    gamma_delay(p.death_delay_shape, p.death_delay_scale, to_death)
    hospital_lags, death_lags = last_lag(to_hospital, _TAIL), last_lag(to_death, _TAIL)
    due_hospital, due_death = np.zeros(days - first + LONGEST_DELAY), np.zeros(days - first + LONGEST_DELAY)

    people = np.zeros((PATCHES, 2 + 3 * STRAINS), dtype=np.int64)
    _begin(p, dynamics, people)
    strains = np.empty((3, STRAINS))
    _strains(p, strains[0], strains[1], strains[2])
    force, onsets = np.empty((PATCHES, STRAINS)), np.empty(STRAINS)
    measures = np.array([0, 1 << 30, -(1 << 30)])

    dt = 1.0 / steps_per_day
    removal = 1.0 - math.exp(-p.recovery_rate * dt)
    lose = 1.0 - math.exp(-(p.waning_rate + p.birth_rate) * dt)
    infectiousness = 1.0 - p.asymptomatic_share + p.asymptomatic_share * p.asymptomatic_infectiousness
    per_person = removal / infectiousness
    population = float(people.sum())
    awareness_memory = 1.0 - math.exp(-1.0 / p.awareness_delay)
    hospital_log, death_log, recent_cases, recent_deaths = 0.0, 0.0, 0.0, 0.0

    for day in range(first, days):
        at = day - first
        vaccinate, protection = _vaccination(p, day, dt)
        log_contact = log_transmission[at]
        if _measures(p, day, recent_cases, population, measures):
            log_contact += math.log(p.intervention_effect)
        log_contact -= _awareness(p, at, recent_deaths, population)
        contact = p.r0 * math.exp(log_contact) * per_person

        onsets[:] = 0.0
        infected, expected, about = _spread(
            people, p, steps_per_day, contact, (removal, lose, vaccinate), strains, dynamics, force, onsets
        )
        infected += _arrivals(people, p, day, first, dynamics, outcomes, onsets)

        if at % DAYS_PER_WEEK == 0:
            hospital_log += p.hospital_drift * normal(drift)
            death_log += p.death_drift * normal(drift)
        severe, shown = 0.0, 0.0
        for strain in range(STRAINS):
            severe += onsets[strain] * strains[2, strain]
            shown += onsets[strain]
        severe *= min(p.hospital_probability * math.exp(hospital_log), 0.9) * protection
        admitted = _drawn(due_hospital, at, severe, to_hospital, hospital_lags, outcomes)
        fatality = min(p.death_probability * math.exp(death_log), 0.9)
        dying = fatality * (admitted + p.community_deaths * due_hospital[at])
        died = _drawn(due_death, at, dying, to_death, death_lags, outcomes)

        recent_cases += _SMOOTHING * (shown - recent_cases)
        recent_deaths += awareness_memory * (died - recent_deaths)
        if day >= 0:
            infections[day], cases[day], admissions[day], deaths[day] = infected, int(shown), admitted, died
            left = (people[0, 0] + people[1, 0]) / population
            susceptible[day] = left
            reproduction[day] = expected / (about * per_person) if about > 0.0 else p.r0 * math.exp(log_contact) * left


@njit(cache=True, nogil=True)
def simulate_batch(
    parameters: np.ndarray,
    draws: np.ndarray,
    keys: np.ndarray,
    steps_per_day: int,
    infections: np.ndarray,
    cases: np.ndarray,
    admissions: np.ndarray,
    deaths: np.ndarray,
    reproduction: np.ndarray,
    susceptible: np.ndarray,
) -> None:
    """Epidemics of a batch: each from its own three streams (dynamics, drift, outcomes), keyed by draw index."""
    for row in range(parameters.shape[0]):
        simulate_epidemic(
            parameters[row],
            steps_per_day,
            open_stream(keys[0], draws[row]),
            open_stream(keys[1], draws[row]),
            open_stream(keys[2], draws[row]),
            infections[row],
            cases[row],
            admissions[row],
            deaths[row],
            reproduction[row],
            susceptible[row],
        )
