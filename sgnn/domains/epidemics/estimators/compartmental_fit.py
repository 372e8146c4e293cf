"""Which compartmental model fits best: SIR, SIS, SEIR and SIRS by least squares, compared by AIC and BIC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
MODELS = ("sir", "sis", "seir", "sirs")
_FEWEST_CASES = 5
_SHARED_LOW, _SHARED_HIGH = (0.05, 0.03, 1e-7, 10.0), (0.6, 0.7, 0.2, 1e7)
"""Bounds of transmission and recovery a day, of the share infectious at first, and of the people who are seen."""
_EXTRA = {"seir": (0.08, 1.2, 0.3), "sirs": (5e-4, 0.08, 0.01)}
"""Low, high and start of the rate, 1/day, that a model has beyond the others."""
_STARTS = ((0.25, 0.12), (0.35, 0.2))


@njit(cache=True, nogil=True)
def incidence(
    beta: float, gamma: float, share: float, sigma: float, omega: float, returns: bool, days: int, steps: int = 2
) -> NDArray[np.float64]:
    """Newly infected share (day,) of a population in a deterministic SEIRS epidemic, by midpoint steps.

    ``sigma`` 0 stands for no latent period, ``omega`` for the loss of immunity, ``returns`` for none at all.
    """
    dt = 1.0 / steps
    s, e, i, r = 1.0 - share, 0.0, share, 0.0
    out = np.zeros(days)
    for day in range(days):
        for _ in range(steps):
            s1, e1, i1, r1 = s, e, i, r
            new = 0.0
            for half in range(2):
                new = beta * s1 * i1
                emerged = sigma * e1 if sigma > 0.0 else new
                gone, lost = gamma * i1, omega * r1
                step = 0.5 * dt if half == 0 else dt
                back = gone if returns else lost
                kept = 0.0 if returns else gone - lost
                s1 = s + step * (back - new)
                e1 = e + step * (new - emerged) if sigma > 0.0 else 0.0
                i1 = i + step * (emerged - gone)
                r1 = r + step * kept
            out[day] += dt * new
            s, e, i, r = s1, e1, i1, r1
    return out


@dataclass(frozen=True)
class Criteria:
    """AIC and BIC (model,) of `MODELS`; NaN where the counts allow no fit."""

    aic: Array
    bic: Array


def information_criteria(counts: Array) -> Criteria:
    """Criteria of every model for ``counts`` (day,) with NaN where nothing was reported.

    Fitted by least squares of square roots, which stabilise the variance of counts; rates are bounded about where
    outbreaks have them. With Gaussian errors AIC is ``n log(RSS / n) + 2 k`` (Burnham & Anderson 2002), k counting
    the variance too; BIC has ``k log n`` in place of ``2 k``.
    """
    seen = np.asarray(counts, dtype=np.float64)
    kept = ~np.isnan(seen)
    number = int(kept.sum())
    if number < 8 or seen[kept].sum() < _FEWEST_CASES:
        nothing = np.full(len(MODELS), np.nan)
        return Criteria(nothing, nothing)
    squares = np.array([_least_squares(model, seen, kept) for model in MODELS])
    parameters = np.array([len(_SHARED_LOW) + (model in _EXTRA) + 1 for model in MODELS])
    fit = number * np.log(np.maximum(squares, 1e-12) / number)
    return Criteria(fit + 2.0 * parameters, fit + np.log(number) * parameters)


def _least_squares(model: str, seen: Array, kept: NDArray[np.bool_]) -> float:
    """Least sum of squares of one model over a few starts, by Levenberg-Marquardt within bounds.

    A parameter's log is a logistic function between its bounds of what is searched without any.
    """
    # MINPACK itself, which takes a third of the time of the newer interface to it
    from scipy.optimize import leastsq

    root, days = np.sqrt(seen[kept]), len(seen)
    extra = _EXTRA.get(model)
    low = np.log([*_SHARED_LOW, *((extra[0],) if extra else ())])
    width = np.log([*_SHARED_HIGH, *((extra[1],) if extra else ())]) - low

    def residuals(free: Array) -> Array:
        beta, gamma, share, size, *rest = np.exp(low + width * (0.5 + 0.5 * np.tanh(0.5 * free)))
        rate = float(rest[0]) if extra else 0.0
        sigma, omega = (rate, 0.0) if model == "seir" else (0.0, rate)
        shares = incidence(beta, gamma, share, sigma, omega, model == "sis", days)
        return np.asarray(np.sqrt(size * np.maximum(shares, 0.0))[kept] - root)

    cases = float(seen[kept].sum())
    found = []
    for beta, gamma in _STARTS:
        start = np.log([beta, gamma, 1e-3, max(3.0 * cases, 100.0), *((extra[2],) if extra else ())])
        inside = np.clip((start - low) / width, 0.02, 0.98)
        best = leastsq(residuals, np.log(inside / (1.0 - inside)), maxfev=300, full_output=True)[2]["fvec"]
        found.append(float(best @ best))
    return min(found)


def weights(criterion: Array) -> Array:
    """Akaike weights (series, model) of a criterion (series, model): the probabilities that it stands for."""
    shifted = criterion - criterion.min(axis=1, keepdims=True)
    likelihood = np.exp(-0.5 * shifted)
    return np.asarray(likelihood / likelihood.sum(axis=1, keepdims=True))
