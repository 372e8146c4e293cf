"""The SEIR mechanism as one would write it first: a loop over days in Python with NumPy's random numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_LONGEST = 70


def seir(theta: Mapping[str, float], days: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Infections, cases, admissions and deaths (4, day) of one epidemic with the parameters of `epidemics.seir`."""
    infected = rng.binomial(int(theta["population"]), theta["infected_share"]) or 1
    immune = rng.binomial(int(theta["population"]) - infected, theta["immune_share"])
    susceptible, exposed, size = int(theta["population"]) - infected - immune, 0, int(theta["population"])
    recover, emerge = 1 - math.exp(-theta["recovery_rate"]), 1 - math.exp(-theta["latent_rate"])
    imported = theta["import_rate"] if theta["with_importation"] > 0.5 else 0.0
    first = -int(theta["burn_in"])
    hospital, death = (_lags(theta[f"{to}_delay_shape"], theta[f"{to}_delay_scale"]) for to in ("hospital", "death"))
    due_hospital, due_death = np.zeros(days - first + _LONGEST), np.zeros(days - first + _LONGEST)
    hospital_log = death_log = 0.0
    out = np.zeros((4, days), dtype=np.int64)
    for day in range(first, days):
        at = day - first
        hazard = theta["r0"] * recover * infected / size
        gone, ill = rng.binomial(infected, recover), rng.binomial(exposed, emerge)
        new = rng.binomial(susceptible, 1 - math.exp(-hazard))
        susceptible, exposed, infected = susceptible - new, exposed + new - ill, infected + ill - gone
        arrived = min(rng.poisson(imported), susceptible) if imported > 0 else 0
        susceptible, exposed = susceptible - arrived, exposed + arrived
        if at % 7 == 0:
            hospital_log += theta["hospital_drift"] * rng.standard_normal()
            death_log += theta["death_drift"] * rng.standard_normal()
        severe = ill * min(theta["hospital_probability"] * math.exp(hospital_log), 0.9)
        due_hospital[at : at + len(hospital)] += severe * hospital
        admitted = rng.poisson(due_hospital[at])
        fatality = min(theta["death_probability"] * math.exp(death_log), 0.9)
        dying = fatality * (admitted + theta["community_deaths"] * due_hospital[at])
        due_death[at : at + len(death)] += dying * death
        died = rng.poisson(due_death[at])
        if day >= 0:
            out[:, day] = new + arrived, ill, admitted, died
    return out


def _lags(shape: float, scale: float) -> NDArray[np.float64]:
    x = (np.arange(4 * _LONGEST) + 0.5) / 4 / scale
    mass = (x ** (shape - 1) * np.exp(-x)).reshape(_LONGEST, 4).sum(axis=1)
    mass /= mass.sum()
    return np.asarray(mass[: int(np.searchsorted(np.cumsum(mass), 1 - 1e-3)) + 1])
