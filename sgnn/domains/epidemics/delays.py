"""Delays from infection to hospital and death, as daily probabilities."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

LONGEST_DELAY = 70
_POINTS = 4


@njit(cache=True, nogil=True)
def gamma_delay(shape: float, scale: float, out: np.ndarray) -> None:
    """Fill ``out[lag]`` with P(lag <= delay < lag + 1 day) of a Gamma(shape, scale days) delay.

    The density is integrated by midpoints (four a day) and normalised over the longest delay kept.
    """
    total = 0.0
    for lag in range(out.shape[0]):
        mass = 0.0
        for point in range(_POINTS):
            x = (lag + (point + 0.5) / _POINTS) / scale
            mass += math.exp((shape - 1.0) * math.log(x) - x)
        out[lag] = mass
        total += mass
    for lag in range(out.shape[0]):
        out[lag] /= total


@njit(cache=True, nogil=True)
def last_lag(probabilities: np.ndarray, tail: float) -> int:
    """Number of lags that hold all but ``tail`` of the probability."""
    held = 0.0
    for lag in range(probabilities.shape[0]):
        held += probabilities[lag]
        if held >= 1.0 - tail:
            return lag + 1
    return int(probabilities.shape[0])
