"""A benchmark of made-up series: exponential waves with a model that knows them."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm

from sgnn.learning.forecast.levels import LEVELS


class Oracle:
    """Forecasts the coming values of a known panel with 3 % noise."""

    def __init__(self, truth: np.ndarray) -> None:
        self.truth = truth

    def predict(self, panel: xr.Dataset, origins: list[int], horizon: int) -> xr.Dataset:
        """Quantiles about the truth."""
        beyond = np.concatenate([self.truth, np.repeat(self.truth[:, -1:], horizon, axis=1)], axis=1)
        ahead = np.stack([beyond[:, o + 1 : o + 1 + horizon] for o in origins], axis=1)
        noise = 1 + 0.03 * np.random.default_rng(0).normal(size=ahead.shape)
        values = np.maximum((ahead * noise)[..., None] * (1 + 0.03 * norm.ppf(LEVELS)), 0)
        return xr.Dataset({"forecast": (("series", "origin", "horizon", "quantile"), values)})


@pytest.fixture(scope="session")
def waves() -> np.ndarray:
    """Six series of 68 weeks."""
    week = np.arange(68)
    chance = np.random.default_rng(0)
    return np.stack([100 * (1 + i) * (1.2 + np.sin(week / (6 + i) + i)) + chance.normal(0, 8, 68) for i in range(6)])
