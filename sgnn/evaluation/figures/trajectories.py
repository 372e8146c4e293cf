"""Time paths read off series: one row a series, a panel a path, medians with their bands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgnn.evaluation.figures.style import MODEL, TRUTH, figure, short_dates, style
from sgnn.evaluation.scores import interval
from sgnn.evaluation.table import label
from sgnn.learning.panel import step_days

_BANDS = ((90, 0.2), (50, 0.4))
MOST = 12
"""Series that are drawn, the first ones."""


def trajectories(answers: xr.Dataset, panel: xr.Dataset) -> Figure:
    """Paths of the first dozen series, as `predict.estimate` gives them, counts beside those of the same unit.

    ``panel`` holds what was seen, aligned as the answers are. R numbers have a line at 1, shares end at 1.
    """
    paths, series = answers["path"].to_numpy(), answers["series"].to_numpy()[:MOST]
    levels = answers["quantile"].to_numpy()
    step = pd.Timedelta(days=step_days(str(answers.attrs["frequency"])))
    values = panel["value"].transpose("series", "time").to_numpy()
    with style():
        drawn = figure(3.3 * len(paths), 2.0 * len(series) + 0.4)
        axes = drawn.subplots(len(series), len(paths), squeeze=False)
        for row, name in enumerate(series):
            first = pd.Timestamp(answers["start"].to_numpy()[row])
            dates = pd.date_range(first, periods=values.shape[1], freq=step).to_numpy()
            known = int(np.isfinite(values[row]).nonzero()[0].max()) + 1
            for column, path in enumerate(paths):
                axis, unit = axes[row, column], str(answers["path_unit"].to_numpy()[column])
                quantiles = answers["trajectory"].isel(series=row, path=column).to_numpy()[:known]
                _bands(axis, dates[:known], quantiles, levels)
                if "people" in unit:
                    axis.plot(dates[:known], values[row, :known], color=TRUTH, linewidth=0.9, label="reported")
                    axis.legend(fontsize=7, loc="upper left")
                _limits(axis, str(path), quantiles, levels)
                short_dates(axis)
                if row == 0:
                    axis.set_title(f"{label(str(path))}{f', {unit}' if unit != '1' else ''}")
            axes[row, 0].set_ylabel(str(name), fontsize=8)
    return drawn


def _bands(axis: Axes, dates: np.ndarray, quantiles: np.ndarray, levels: np.ndarray) -> None:
    for percent, shade in _BANDS:
        low, high = interval(quantiles, levels, percent)
        axis.fill_between(dates, low, high, color=MODEL, alpha=shade, linewidth=0)
    axis.plot(dates, quantiles[:, int(np.argmin(np.abs(levels - 0.5)))], color=MODEL, linewidth=1.2)


def _limits(axis: Axes, path: str, quantiles: np.ndarray, levels: np.ndarray) -> None:
    """From 0 to a little above the band of 90 %."""
    _, high = interval(quantiles, levels, 90)
    top = 1.0 if path.endswith("share") else 1.15 * float(np.nanmax(high))
    axis.set_ylim(0.0, top)
    if path == "reproduction_number":
        axis.axhline(1.0, color=TRUTH, linewidth=0.6, linestyle="--")
