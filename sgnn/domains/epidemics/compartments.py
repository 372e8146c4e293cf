"""The compartments of an epidemic and every way in which people move between them in one step.

``people[patch, compartment]`` holds whole people: S, R, then E, A, I by strain. What a mechanism lacks costs nothing:
callers say how many patches and strains there are, and a strain or patch without people draws no numbers.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from sgnn.simulation.compiled import inlined, inner
from sgnn.simulation.random import binomial, gamma

PATCHES = 2
STRAINS = 3
SUSCEPTIBLE, IMMUNE, EXPOSED, SILENT, ILL = 0, 1, 2, 2 + STRAINS, 2 + 2 * STRAINS
COMPARTMENTS = 2 + 3 * STRAINS
# above this shape the Gamma noise of a force of infection is below a third of a percent
_NOISELESS = 1e5


class Step(NamedTuple):
    """What of an epidemic stays the same from step to step: shares that leave in one step, and the infectious."""

    recover: float
    emerge: float
    lose: float
    noise: float
    latent: bool
    asymptomatic: float
    asymptomatic_infectiousness: float
    coupling: float
    second_contact: float


class Place(NamedTuple):
    """People and the strains among them, and what a step works with.

    ``people`` (patch, compartment); ``sizes`` (patch,) of the patches that have people; ``transmissibility`` and
    ``severity`` (strain,) relative to the first; ``escape`` (strain,) the share of the immune it can infect; ``force``
    (patch, strain) the hazard of infection in one step; ``onsets`` (strain,) of symptoms on this day.
    """

    people: np.ndarray
    sizes: np.ndarray
    transmissibility: np.ndarray
    escape: np.ndarray
    severity: np.ndarray
    force: np.ndarray
    onsets: np.ndarray


@inlined
def step_of(p: Any, dt: float) -> Step:
    """Probabilities of leaving a compartment within ``dt`` days, ``1 - exp(-rate * dt)``, and what else is constant."""
    recover = 1.0 - math.exp(-p.recovery_rate * dt)
    return Step(
        recover,
        1.0 - math.exp(-p.latent_rate * dt),
        1.0 - math.exp(-(p.waning_rate + p.birth_rate) * dt),
        p.offspring_dispersion * recover,
        p.latent_rate > 0.0,
        p.asymptomatic_share,
        p.asymptomatic_infectiousness,
        p.coupling,
        p.second_patch_contact,
    )


@inner
def begin(p: Any, dynamics: np.ndarray, people: np.ndarray) -> int:
    """Put everybody where they are at the start; returns how many patches have people."""
    total = np.int64(p.population)
    second = np.int64(total * p.second_patch_share)
    for patch in range(PATCHES):
        for compartment in range(COMPARTMENTS):
            people[patch, compartment] = 0
        size = second if patch == 1 else total - second
        infected = binomial(dynamics, size, p.infected_share) if patch == 0 or p.coupling > 0.0 else 0
        if patch == 0 and infected == 0 and size > 0:
            infected = 1
        immune = binomial(dynamics, size - infected, p.immune_share)
        people[patch, SUSCEPTIBLE] = size - infected - immune
        people[patch, IMMUNE] = immune
        people[patch, ILL] = infected
    return 2 if second > 0 else 1


@inlined
def describe_strains(p: Any, transmissibility: np.ndarray, escape: np.ndarray, severity: np.ndarray) -> None:
    """Fill transmissibility and severity relative to the first strain, and the share of the immune each can infect."""
    transmissibility[0], escape[0], severity[0] = 1.0, 0.0, 1.0
    transmissibility[1], escape[1], severity[1] = p.variant_1_transmissibility, p.variant_1_escape, p.variant_1_severity
    transmissibility[2] = p.variant_1_transmissibility * p.variant_2_transmissibility
    escape[2] = p.variant_2_escape
    severity[2] = p.variant_1_severity * p.variant_2_severity


@inlined
def infect(place: Place, patch: int, strain: int, count: int, step: Step, dynamics: np.ndarray) -> None:
    """Put ``count`` newly infected people where they belong; without latency their symptoms show at once."""
    people = place.people
    if step.latent:
        people[patch, EXPOSED + strain] += count
        return
    silent = binomial(dynamics, count, step.asymptomatic)
    people[patch, SILENT + strain] += silent
    people[patch, ILL + strain] += count - silent
    place.onsets[strain] += count - silent


@inlined
def progress(place: Place, patch: int, strains: int, step: Step, dynamics: np.ndarray) -> None:
    """Recoveries and ends of latency of one patch in one step; adds symptom onsets by strain."""
    people = place.people
    for strain in range(strains):
        for compartment in (SILENT + strain, ILL + strain):
            if people[patch, compartment] > 0:
                gone = binomial(dynamics, people[patch, compartment], step.recover)
                people[patch, compartment] -= gone
                people[patch, IMMUNE] += gone
        if people[patch, EXPOSED + strain] > 0:
            out = binomial(dynamics, people[patch, EXPOSED + strain], step.emerge)
            silent = binomial(dynamics, out, step.asymptomatic)
            people[patch, EXPOSED + strain] -= out
            people[patch, SILENT + strain] += silent
            people[patch, ILL + strain] += out - silent
            place.onsets[strain] += out - silent


@inlined
def change_immunity(place: Place, patch: int, lose: float, vaccinate: float, dynamics: np.ndarray) -> None:
    """Waning and births return people to the susceptible; vaccination takes them away."""
    people = place.people
    waned = binomial(dynamics, people[patch, IMMUNE], lose) if lose > 0.0 else 0
    protected = binomial(dynamics, people[patch, SUSCEPTIBLE], vaccinate) if vaccinate > 0.0 else 0
    people[patch, SUSCEPTIBLE] += waned - protected
    people[patch, IMMUNE] += protected - waned


@inlined
def fill_forces(place: Place, strains: int, step: Step, contact: float, dynamics: np.ndarray) -> float:
    """Fill the hazard of infection in one step by the first ``strains``; returns the infectiousness now about."""
    people, force, patches, total = place.people, place.force, place.sizes.shape[0], 0.0
    for patch in range(patches):
        for strain in range(strains):
            force[patch, strain] = 0.0
    for source in range(patches):
        for strain in range(strains):
            silent = step.asymptomatic_infectiousness * people[source, SILENT + strain]
            infectious = people[source, ILL + strain] + silent
            if infectious <= 0.0:
                continue
            total += infectious
            shape = step.noise * infectious
            emitted = infectious * gamma(dynamics, shape) / shape if shape < _NOISELESS else infectious
            for patch in range(patches):
                mixing = 1.0 - step.coupling if patch == source else step.coupling
                contacts = contact * step.second_contact if patch == 1 else contact
                hazard = contacts * place.transmissibility[strain] * mixing * emitted / place.sizes[source]
                force[patch, strain] += hazard
    return total


@inlined
def transmit(place: Place, patch: int, strains: int, step: Step, dynamics: np.ndarray) -> int:
    """New infections of one patch in one step, from the susceptible and, for escaping strains, from the immune."""
    people, force = place.people, place.force
    hazard = 0.0
    for strain in range(strains):
        hazard += force[patch, strain]
    if hazard <= 0.0:
        return 0
    infected = binomial(dynamics, people[patch, SUSCEPTIBLE], 1.0 - math.exp(-hazard))
    people[patch, SUSCEPTIBLE] -= infected
    left, rest = infected, hazard
    for strain in range(strains):
        here = force[patch, strain]
        if here <= 0.0:
            continue
        count = left if here >= rest else binomial(dynamics, left, here / rest)
        rest = max(rest - here, 1e-300)
        left -= count
        again = 0
        if place.escape[strain] > 0.0 and people[patch, IMMUNE] > 0:
            again = binomial(dynamics, people[patch, IMMUNE], 1.0 - math.exp(-place.escape[strain] * here))
            people[patch, IMMUNE] -= again
            infected += again
        infect(place, patch, strain, count + again, step, dynamics)
    if left > 0:
        people[patch, SUSCEPTIBLE] += left
        infected -= left
    return infected


@inlined
def arrive(place: Place, strain: int, count: int, step: Step, dynamics: np.ndarray) -> int:
    """Infect up to ``count`` susceptible people of the first patch from outside; returns how many."""
    count = min(count, place.people[0, SUSCEPTIBLE])
    place.people[0, SUSCEPTIBLE] -= count
    infect(place, 0, strain, count, step, dynamics)
    return count
