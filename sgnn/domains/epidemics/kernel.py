"""The stochastic epidemic: chain-binomial compartments, two patches, three strains, and what is seen of them.

One kernel serves every mechanism; a part that a mechanism lacks has inert parameter values. People move between
compartments by binomial draws with probability ``1 - exp(-rate * dt)``, so that nobody is made or lost. The force of
infection is scaled such that one infectious person causes exactly ``r0`` infections on average in a fully susceptible
population, whatever the step. Admissions and deaths are Poisson about the convolution of infections with their delays.

What stays the same from day to day is computed once: the random numbers, not the arithmetic, take the time.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sgnn.domains.epidemics.calendar import DAYS_PER_WEEK
from sgnn.domains.epidemics.compartments import (
    COMPARTMENTS,
    IMMUNE,
    PATCHES,
    STRAINS,
    SUSCEPTIBLE,
    Place,
    Step,
    arrive,
    begin,
    change_immunity,
    describe_strains,
    fill_forces,
    progress,
    step_of,
    transmit,
)
from sgnn.domains.epidemics.delays import Delayed, delayed, due_today
from sgnn.domains.epidemics.transmission import add_change_points, add_random_walk, add_seasonality
from sgnn.simulation.compiled import inlined, inner, outer
from sgnn.simulation.random import normal, open_stream, poisson

_SMOOTHING = 1.0 / 7.0
_VARIANT_SEEDS = 20.0
_MOST_SEVERE = 0.9


class Daily(NamedTuple):
    """What one epidemic fills, each (day,): people/day, the reproduction number and the susceptible share."""

    infections: np.ndarray
    cases: np.ndarray
    admissions: np.ndarray
    deaths: np.ndarray
    reproduction: np.ndarray
    susceptible: np.ndarray


@inlined
def _newly_vaccinated(p: Any, day: int, covered: float, dt: float) -> float:
    """Share of the susceptible protected in one step of this day, when ``covered`` of the people are vaccinated."""
    running = day - p.vaccination_start >= 0.0 and covered < p.vaccination_coverage
    return p.vaccination_pace * p.vaccine_efficacy / max(1.0 - covered, 0.05) * dt if running else 0.0


@inlined
def _measures(
    p: Any, day: int, recent_cases: float, population: float, measures: tuple[bool, int, int]
) -> tuple[bool, int, int]:
    """Whether interventions are decided on, from which day they hold, and until which day that stands."""
    decided, since, until = measures
    threshold = p.intervention_threshold * population
    if not decided and recent_cases > threshold and day >= until:
        since = day + int(p.intervention_delay)
        return True, since, since + int(p.intervention_days)
    if decided and day >= until and recent_cases < p.intervention_release * threshold:
        return False, since, until
    return measures


@inlined
def _awareness(p: Any, elapsed: int, recent_deaths: float, population: float) -> float:
    """What deaths of late take from the log of contacts; people tire of it with the days elapsed."""
    if p.awareness_strength <= 0.0 or recent_deaths <= 0.0:
        return 0.0
    threshold = p.awareness_threshold * math.exp(elapsed / p.fatigue)
    return p.awareness_strength * math.log1p(recent_deaths / population * 1e6 / threshold)


@inlined
def _spread(
    place: Place, present: int, step: Step, steps: int, contact: float, vaccinate: float, dynamics: np.ndarray
) -> tuple[int, float, float]:
    """One day of transmission: infections, infections expected, and the infectiousness about, summed over steps.

    ``present`` is the number of strains that may be about, ``vaccinate`` the share of the susceptible protected in one
    step.
    """
    infected, expected, about = 0, 0.0, 0.0
    for strain in range(STRAINS):
        place.onsets[strain] = 0.0
    for _ in range(steps):
        about += fill_forces(place, present, step, contact, dynamics)
        for patch in range(place.sizes.shape[0]):
            for strain in range(present):
                exposed = place.people[patch, SUSCEPTIBLE] + place.escape[strain] * place.people[patch, IMMUNE]
                expected += place.force[patch, strain] * exposed
        for patch in range(place.sizes.shape[0]):
            progress(place, patch, present, step, dynamics)
            infected += transmit(place, patch, present, step, dynamics)
            change_immunity(place, patch, step.lose, vaccinate, dynamics)
    return infected, expected, about


@inlined
def _onsets(place: Place, present: int) -> tuple[float, float]:
    """Who fell ill today, and the same with each strain weighted by its severity."""
    shown, severe = 0.0, 0.0
    for strain in range(present):
        severe += place.onsets[strain] * place.severity[strain]
        shown += place.onsets[strain]
    return shown, severe


@inlined
def _strains_by(p: Any, day: int) -> int:
    """How many strains may be about on a day: a later one waits for its first arrival."""
    if day >= int(p.variant_1_day + p.variant_2_interval):
        return 3
    return 2 if day >= int(p.variant_1_day) else 1


@inlined
def _arrivals(
    p: Any, place: Place, step: Step, day: int, first: int, dynamics: np.ndarray, outcomes: np.ndarray
) -> int:
    """Infections from outside: importation of the newest strain, and each variant's seeds on its day."""
    second = p.variant_1_day + p.variant_2_interval
    infected = 0
    if p.import_rate > 0.0:
        newest = 2 if day >= second else (1 if day >= p.variant_1_day else 0)
        infected += arrive(place, newest, poisson(outcomes, p.import_rate), step, dynamics)
    if day == max(int(p.variant_1_day), first) and p.variant_1_transmissibility > 1.0:
        infected += arrive(place, 1, poisson(outcomes, _VARIANT_SEEDS), step, dynamics)
    if day == int(second) and p.variant_2_transmissibility > 1.0:
        infected += arrive(place, 2, poisson(outcomes, _VARIANT_SEEDS), step, dynamics)
    return infected


@outer
def _transmission(p: Any, first: int, days: int, drift: np.ndarray) -> np.ndarray:
    """Log transmission of every day from ``first`` on, for reasons of its own."""
    log_transmission = np.zeros(days - first)
    add_seasonality(p, first, log_transmission, drift)
    add_random_walk(p, log_transmission, drift)
    add_change_points(p, log_transmission, drift)
    return log_transmission


@inlined
def _outcomes(
    p: Any, at: int, severe: float, fatality: float, hospital: Delayed, death: Delayed, outcomes: np.ndarray
) -> tuple[int, int]:
    """Admissions and deaths of one day, when ``severe`` people fell severely ill."""
    admitted = due_today(hospital, at, severe, outcomes)
    dying = fatality * (admitted + p.community_deaths * hospital.due[at])
    return admitted, due_today(death, at, dying, outcomes)


@outer
def simulate_epidemic(
    p: Any, steps_per_day: int, dynamics: np.ndarray, drift: np.ndarray, outcomes: np.ndarray, out: Daily
) -> None:
    """One epidemic; fills what happened on each day."""
    days = out.infections.shape[0]
    first = -int(p.burn_in)
    log_transmission = _transmission(p, first, days, drift)
    hospital = delayed(p.hospital_delay_shape, p.hospital_delay_scale, days - first)
    death = delayed(p.death_delay_shape, p.death_delay_scale, days - first)
    people = np.zeros((PATCHES, COMPARTMENTS), dtype=np.int64)
    sizes = np.zeros(begin(p, dynamics, people), dtype=np.int64)
    for patch in range(sizes.shape[0]):
        for compartment in range(COMPARTMENTS):
            sizes[patch] += people[patch, compartment]
    strains = np.empty((3, STRAINS))
    describe_strains(p, strains[0], strains[1], strains[2])
    place = Place(people, sizes, strains[0], strains[1], strains[2], np.zeros((PATCHES, STRAINS)), np.zeros(STRAINS))
    _run(p, steps_per_day, log_transmission, place, hospital, death, dynamics, drift, outcomes, out)


@inner
def _run(
    p: Any,
    steps_per_day: int,
    log_transmission: np.ndarray,
    place: Place,
    hospital: Delayed,
    death: Delayed,
    dynamics: np.ndarray,
    drift: np.ndarray,
    outcomes: np.ndarray,
    out: Daily,
) -> None:
    """The days of one epidemic, one after the other."""
    dt = 1.0 / steps_per_day
    step = step_of(p, dt)
    infectiousness = 1.0 - p.asymptomatic_share + p.asymptomatic_share * p.asymptomatic_infectiousness
    per_person = step.recover / infectiousness
    first, population = -int(p.burn_in), 0.0
    for patch in range(place.sizes.shape[0]):
        population += place.sizes[patch]
    measured, measures = math.log(p.intervention_effect), (False, 1 << 30, -(1 << 30))
    awareness_memory = 1.0 - math.exp(-1.0 / p.awareness_delay)
    hospital_log, death_log, recent_cases, recent_deaths = 0.0, 0.0, 0.0, 0.0
    severity, fatality = 0.0, 0.0
    vaccinate, covered, protection = 0.0, 0.0, 1.0
    log_contact, contact_factor = 0.0, 1.0

    for at in range(log_transmission.shape[0]):
        day = first + at
        if p.vaccination_pace > 0.0:
            before = covered
            covered = min(max(day - p.vaccination_start, 0.0) * p.vaccination_pace, p.vaccination_coverage)
            vaccinate = _newly_vaccinated(p, day, covered, dt)
            if covered != before:
                protection = 1.0 - p.vaccine_severe_efficacy * (1.0 - (1.0 - covered) ** p.vaccine_targeting)
        before = log_contact
        log_contact = log_transmission[at]
        measures = _measures(p, day, recent_cases, population, measures)
        if measures[0] and day >= measures[1]:
            log_contact += measured
        log_contact -= _awareness(p, at, recent_deaths, population)
        if log_contact != before:
            contact_factor = math.exp(log_contact)

        present = _strains_by(p, day)
        infected, expected, about = _spread(
            place, present, step, steps_per_day, p.r0 * contact_factor * per_person, vaccinate, dynamics
        )
        infected += _arrivals(p, place, step, day, first, dynamics, outcomes)

        if at % DAYS_PER_WEEK == 0:
            hospital_log += p.hospital_drift * normal(drift)
            death_log += p.death_drift * normal(drift)
            severity = min(p.hospital_probability * math.exp(hospital_log), _MOST_SEVERE)
            fatality = min(p.death_probability * math.exp(death_log), _MOST_SEVERE)
        shown, severe = _onsets(place, present)
        admitted, died = _outcomes(p, at, severe * (severity * protection), fatality, hospital, death, outcomes)

        recent_cases += _SMOOTHING * (shown - recent_cases)
        recent_deaths += awareness_memory * (died - recent_deaths)
        if day >= 0:
            out.infections[day], out.cases[day] = infected, int(shown)
            out.admissions[day], out.deaths[day] = admitted, died
            left = (place.people[0, SUSCEPTIBLE] + place.people[1, SUSCEPTIBLE]) / population
            out.susceptible[day] = left
            out.reproduction[day] = expected / (about * per_person) if about > 0.0 else p.r0 * contact_factor * left


@outer
def simulate_batch(
    parameters: np.ndarray,
    draws: np.ndarray,
    keys: np.ndarray,
    steps_per_day: int,
    counts: np.ndarray,
    levels: np.ndarray,
) -> None:
    """Epidemics of a batch: each from its own three streams (dynamics, drift, outcomes), keyed by draw index.

    Fills ``counts`` (quantity, batch, day): infections, cases, admissions, deaths; and ``levels`` (quantity, batch,
    day): the reproduction number and the susceptible share.
    """
    for row in range(parameters.shape[0]):
        simulate_epidemic(
            parameters[row],
            steps_per_day,
            open_stream(keys[0], draws[row]),
            open_stream(keys[1], draws[row]),
            open_stream(keys[2], draws[row]),
            Daily(counts[0, row], counts[1, row], counts[2, row], counts[3, row], levels[0, row], levels[1, row]),
        )
