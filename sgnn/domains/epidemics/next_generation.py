"""The next-generation matrix: R0, and the growth it implies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def next_generation_matrix(theta: Mapping[str, float]) -> NDArray[np.float64]:
    """Expected infections ``K[i, j]`` of type ``i`` caused by one infection of type ``j`` when all are susceptible.

    Types are patch x (symptomatic, asymptomatic), in this order: patch 0 symptomatic, patch 0 asymptomatic, patch 1 ….
    Diekmann, Heesterbeek & Metz (1990); Diekmann, Heesterbeek & Roberts (2010).
    """
    share = theta.get("asymptomatic_share", 0.0)
    relative = theta.get("asymptomatic_infectiousness", 1.0)
    coupling = theta.get("coupling", 0.0)
    second = theta.get("second_patch_share", 0.0)
    contact = (1.0, theta.get("second_patch_contact", 1.0))
    sizes = (1.0 - second, second)
    patches = 2 if second > 0.0 else 1
    per_infectiousness = theta["r0"] / (1.0 - share + share * relative)
    matrix = np.zeros((2 * patches, 2 * patches))
    for to in range(patches):
        for source in range(patches):
            mixing = 1.0 if patches == 1 else (1.0 - coupling if to == source else coupling)
            # one infectious person of the source reaches the susceptible of `to`, whose number relative to the
            # source's enters because the force is per head of the source population
            caused = per_infectiousness * contact[to] * mixing * sizes[to] / sizes[source]
            for kind, arising in enumerate((1.0 - share, share)):
                matrix[2 * to + kind, 2 * source] = caused * arising
                matrix[2 * to + kind, 2 * source + 1] = caused * arising * relative
    return matrix


def basic_reproduction_number(theta: Mapping[str, float]) -> float:
    """R0, the spectral radius of the next-generation matrix."""
    return float(np.max(np.abs(np.linalg.eigvals(next_generation_matrix(theta)))))


def daily_growth(r0: float, recovery_rate: float, latent_rate: float = 0.0, steps_per_day: int = 1) -> float:
    """Exponential growth rate (1/day) of an early outbreak with daily steps of the chain-binomial model.

    Solves the Euler-Lotka equation ``1 = r0 * G(exp(-growth * dt))``, G the generating function of the generation time,
    which is a geometric latent period followed by a geometrically distributed share of the infectious period.
    """
    from scipy.optimize import brentq

    dt = 1.0 / steps_per_day
    recover = -np.expm1(-recovery_rate * dt)
    emerge = -np.expm1(-latent_rate * dt)

    def excess(growth: float) -> float:
        z = np.exp(-growth * dt)
        infectious = recover * z / (1.0 - (1.0 - recover) * z)
        latent = emerge * z / (1.0 - (1.0 - emerge) * z) if latent_rate > 0.0 else 1.0
        return float(np.log(r0 * infectious * latent))

    slowest = np.log1p(-min(recover, emerge if latent_rate > 0.0 else 1.0)) / dt
    return float(brentq(excess, slowest + 1e-9, 50.0))
