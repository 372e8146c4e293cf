"""Protocols of the toy package: one with data of its own, one whose data are nowhere to be had."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from sgnn.evaluation.baselines import baseline_forecasts
from sgnn.evaluation.benchmark import MODEL, Benchmark, Forecasts
from sgnn.evaluation.files import PinnedFile, fetch
from sgnn.evaluation.protocol import Protocol
from sgnn.learning.forecast.levels import LEVELS
from sgnn.settings import Settings

HORIZON, ORIGINS = 4, (20, 28)
NOWHERE = PinnedFile("nobody/nothing", "0" * 40, "data.csv", "0" * 64)


class Steady(Protocol):
    """Four steady series beside the last value."""

    name = "slow-steady"

    def run(self, model: Any, settings: Settings, name: str = "model") -> Benchmark:
        """Score on counts that do not change but by chance."""
        values = np.random.default_rng(1).poisson(50.0, (4, 40)).astype(np.float64)
        panel = xr.Dataset(
            {"value": (("series", "time"), values)}, coords={"series": list("abcd"), "time": np.arange(40)}
        )
        own = model.predict(panel, list(ORIGINS), HORIZON)["forecast"].to_numpy()
        methods = {MODEL: own, **baseline_forecasts(values, ORIGINS, HORIZON, ["last_value"], settings.cache)}
        truth = np.stack([values[:, origin + 1 : origin + 1 + HORIZON] for origin in ORIGINS], axis=1)
        forecasts = Forecasts(methods, truth, np.array(LEVELS), tuple("abcd"), ORIGINS, values)
        return Benchmark(protocol=self.name, model=name, forecasts=forecasts)


class Absent(Protocol):
    """A protocol that cannot be run."""

    name = "slow-absent"
    files = (NOWHERE,)

    def run(self, model: Any, settings: Settings, name: str = "model") -> Benchmark:
        """Raises `MissingData`."""
        fetch(self.files, settings)
        raise AssertionError("the file is there")
