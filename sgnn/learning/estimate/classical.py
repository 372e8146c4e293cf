"""Classical estimates of R0 for a panel, by whatever estimators are installed."""

from __future__ import annotations

import math
from typing import Protocol as Typing

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sgnn.simulation.registry import ESTIMATORS, find, names


class Answer(Typing):
    """An estimate with its 90 % interval, NaN where there is none."""

    value: float
    low: float
    high: float


class Estimator(Typing):
    """Estimates R0 from counts (step,), NaN where missing, and the generation interval in steps."""

    def __call__(self, counts: NDArray[np.float64], mean: float, sd: float) -> Answer:
        """The estimate."""
        ...


def classical_table(panel: xr.Dataset, mean: float, sd: float) -> pd.DataFrame:
    """Rows ``series, parameter, unit, quantile, value, typicality``: 5, 50 and 95 % by each installed estimator.

    A method that has no answer for a series has rows without a value.
    """
    values = panel["value"].transpose("series", "time").to_numpy().astype(np.float64)
    rows = []
    for series, counts in zip(panel["series"].to_numpy(), values, strict=True):
        known = counts[: len(counts) - int(np.argmax(np.isfinite(counts[::-1])))]
        for name in names(ESTIMATORS):
            estimator: Estimator = find(ESTIMATORS, name)
            found = estimator(known, mean, sd)
            for quantile, value in ((0.05, found.low), (0.5, found.value), (0.95, found.high)):
                written = float(f"{value:.5g}") if math.isfinite(value) else math.nan
                rows.append((series, f"r0 by {name}", "1", quantile, written, math.nan))
    return pd.DataFrame(rows, columns=["series", "parameter", "unit", "quantile", "value", "typicality"])
