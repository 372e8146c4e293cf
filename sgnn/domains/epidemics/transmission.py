"""How transmission changes with time for reasons of its own: season, smooth drift, change-points."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sgnn.simulation.compiled import inner
from sgnn.simulation.random import exponential, normal

YEAR = 365.0


@inner
def add_seasonality(p: Any, first_day: int, out: np.ndarray, stream: np.ndarray) -> None:
    """Add the harmonics of the year to log transmission ``out[day - first_day]``; the peak shifts from year to year."""
    if p.season_amplitude_1 == 0.0 and p.season_amplitude_2 == 0.0 and p.season_amplitude_4 == 0.0:
        return
    year = -1000
    shift = 0.0
    for step in range(out.shape[0]):
        day = first_day + step
        this_year = math.floor((day - p.season_phase) / YEAR + 0.5)
        if this_year != year:
            year = this_year
            shift = p.season_jitter * normal(stream)
        angle = 2.0 * math.pi * (day - p.season_phase - shift) / YEAR
        out[step] += (
            p.season_amplitude_1 * math.cos(angle)
            + p.season_amplitude_2 * math.cos(2.0 * angle)
            + p.season_amplitude_4 * math.cos(4.0 * angle)
        )


@inner
def add_random_walk(p: Any, out: np.ndarray, stream: np.ndarray) -> None:
    """Add a smooth mean-reverting walk: an Ornstein-Uhlenbeck slope integrated with slow decay.

    The stationary standard deviation of the sum of the two linear filters is ``walk_sd``.
    """
    if p.walk_sd == 0.0:
        return
    fast = math.exp(-1.0 / p.walk_smoothness)
    slow = math.exp(-1.0 / p.walk_memory)
    # stationary variance of the AR(2) process with roots fast and slow, driven by unit noise
    variance = (1.0 + fast * slow) / ((1.0 - fast * slow) * (1.0 - fast * fast) * (1.0 - slow * slow))
    noise = p.walk_sd / math.sqrt(variance)
    # start from the stationary law: draw the level, then the driven part given the level
    driver = noise * normal(stream) / math.sqrt(1.0 - fast * fast)
    covariance = noise * noise / ((1.0 - fast * fast) * (1.0 - fast * slow))
    share = covariance * (1.0 - fast * fast) / (noise * noise)
    rest = p.walk_sd * p.walk_sd - share * covariance
    level = share * driver + math.sqrt(max(rest, 0.0)) * normal(stream)
    for step in range(out.shape[0]):
        out[step] += level
        driver = fast * driver + noise * normal(stream)
        level = slow * level + driver


@inner
def add_change_points(p: Any, out: np.ndarray, stream: np.ndarray) -> None:
    """Add levels that jump at the points of a Poisson process."""
    if p.change_rate == 0.0:
        return
    level = 0.0
    wait = exponential(stream) * YEAR / p.change_rate
    for step in range(out.shape[0]):
        wait -= 1.0
        if wait < 0.0:
            level = p.change_sd * normal(stream)
            wait += exponential(stream) * YEAR / p.change_rate
        out[step] += level
