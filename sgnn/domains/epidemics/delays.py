"""Delays from infection to hospital and death, as daily probabilities."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sgnn.simulation.compiled import inlined, inner, outer
from sgnn.simulation.random import poisson

LONGEST_DELAY = 70
_POINTS = 4
_TAIL = 1e-3


class Delayed(NamedTuple):
    """What happens some time after its cause: its probability by lag, and what is expected to fall due on each day."""

    probabilities: np.ndarray
    due: np.ndarray


@inner
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


@inner
def last_lag(probabilities: np.ndarray, tail: float) -> int:
    """Number of lags that hold all but ``tail`` of the probability."""
    held = 0.0
    for lag in range(probabilities.shape[0]):
        held += probabilities[lag]
        if held >= 1.0 - tail:
            return lag + 1
    return int(probabilities.shape[0])


@outer
def delayed(shape: float, scale: float, days: int) -> Delayed:
    """A Gamma delay without its last thousandth, over so many days on which nothing is due yet."""
    probabilities = np.empty(LONGEST_DELAY)
    gamma_delay(shape, scale, probabilities)
    return Delayed(probabilities[: last_lag(probabilities, _TAIL)], np.zeros(days + LONGEST_DELAY))


@inlined
def due_today(delay: Delayed, at: int, expected: float, stream: np.ndarray) -> int:
    """Add what today's causes let expect to the days on which it falls due, then draw what happens today."""
    if expected > 0.0:
        ahead = delay.due[at : at + delay.probabilities.shape[0]]
        for lag in range(ahead.shape[0]):
            ahead[lag] += expected * delay.probabilities[lag]
    return poisson(stream, delay.due[at]) if delay.due[at] > 0.0 else 0
