"""Batches of random numbers, one a draw, and the normal quantile: what priors are sampled with."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation.compiled import outer
from sgnn.simulation.random import beta, first_uniform, gamma, open_stream

Array = NDArray[np.float64]
Draws = NDArray[np.int64]


@outer
def uniforms(key: np.uint64, draws: Draws) -> Array:
    """First uniform number (batch,) of each draw's stream."""
    out = np.empty(draws.shape[0])
    for row in range(draws.shape[0]):
        out[row] = first_uniform(key, draws[row])
    return out


@outer
def gammas(key: np.uint64, draws: Draws, shape: Array) -> Array:
    """Gamma numbers (batch,) of unit scale; ``shape`` (batch,)."""
    out = np.empty(draws.shape[0])
    for row in range(draws.shape[0]):
        out[row] = gamma(open_stream(key, draws[row]), shape[row])
    return out


@outer
def betas(key: np.uint64, draws: Draws, a: Array, b: Array) -> Array:
    """Beta numbers (batch,); ``a`` and ``b`` (batch,)."""
    out = np.empty(draws.shape[0])
    for row in range(draws.shape[0]):
        out[row] = beta(open_stream(key, draws[row]), a[row], b[row])
    return out


@outer
def normal_quantile(probability: Array) -> Array:
    """Standard normal quantiles (batch,): Acklam's approximation with one step of Halley's method."""
    a = (
        -3.969683028665376e01,
        2.209460984245205e02,
        -2.759285104469687e02,
        1.383577518672690e02,
        -3.066479806614716e01,
        2.506628277459239,
    )
    b = (
        -5.447609879822406e01,
        1.615858368580409e02,
        -1.556989798598866e02,
        6.680131188771972e01,
        -1.328068155288572e01,
    )
    c = (
        -7.784894002430293e-03,
        -3.223964580411365e-01,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    )
    d = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416)
    out = np.empty(probability.shape[0])
    for row in range(probability.shape[0]):
        # in the lower tail, where nothing cancels; the upper one mirrors it
        p = min(probability[row], 1.0 - probability[row])
        if p < 0.02425:
            q = math.sqrt(-2.0 * math.log(p))
            x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) / (
                (((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1.0
            )
        else:
            q = p - 0.5
            r = q * q
            x = (
                (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5])
                * q
                / (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1.0)
            )
        error = 0.5 * math.erfc(-x / math.sqrt(2.0)) - p
        step = error * math.sqrt(2.0 * math.pi) * math.exp(0.5 * x * x)
        x -= step / (1.0 + 0.5 * x * step)
        out[row] = x if probability[row] < 0.5 else -x
    return out
