"""Fan charts: what happened, and what was forecast from some of the weeks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sgnn.evaluation.benchmark import MODEL as METHOD
from sgnn.evaluation.benchmark import Forecasts
from sgnn.evaluation.figures.style import MODEL, TRUTH, figure, short_dates, style
from sgnn.evaluation.scores import interval

Times = NDArray[Any]
_BANDS = ((95, 0.15), (80, 0.25), (50, 0.4))


def fan_charts(forecasts: Forecasts, rows: Sequence[int], every: int = 9, columns: int = 3) -> Figure:
    """One panel a series: the truth, and medians with 50, 80 and 95 % bands from every ``every``-th origin.

    Each forecast starts where the series was at its origin.
    """
    with style():
        lines = -(-len(rows) // columns)
        drawn = figure(3.3 * columns, 2.0 * lines + 0.5)
        axes = drawn.subplots(lines, columns, squeeze=False, sharex=True)
        time = _time(forecasts)
        for axis, row in zip(axes.flat, rows, strict=False):
            for at in range(0, len(forecasts.origins), every):
                _fan(axis, forecasts, row, at, time)
            axis.plot(time, forecasts.values[row], color=TRUTH, linewidth=1.1, label="what happened")
            axis.set_title(forecasts.series[row])
            axis.set_ylim(bottom=0, top=1.6 * max(1.0, float(np.nanmax(forecasts.values[row]))))
            if forecasts.dates:
                short_dates(axis)
        for axis in list(axes.flat)[len(rows) :]:
            axis.set_visible(False)
        drawn.legend(*_legend(axes.flat[0]), loc="outside upper left", ncols=5, fontsize=8)
    return drawn


def largest(forecasts: Forecasts, number: int = 6) -> list[int]:
    """Rows spread over the sizes of the series, from the largest down: a fair choice made before looking."""
    order = np.argsort(-np.nansum(forecasts.values, axis=1))
    return [int(order[at]) for at in np.linspace(0, len(order) - 1, min(number, len(order))).round().astype(int)]


def _fan(axis: Axes, forecasts: Forecasts, row: int, at: int, time: Times) -> None:
    origin = forecasts.origins[at]
    steps = np.arange(origin, min(origin + 1 + forecasts.truth.shape[2], len(time)))
    own = forecasts.methods[METHOD][row, at, : len(steps) - 1]
    # where the last value is missing, the fan starts a step later
    start = np.full((1, own.shape[1]), forecasts.values[row, origin])
    fan = np.concatenate([start, own])
    for percent, shade in _BANDS:
        low, high = interval(fan, forecasts.levels, percent)
        axis.fill_between(time[steps], low, high, color=MODEL, alpha=shade, linewidth=0, label=f"{percent} %")
    median = fan[:, int(np.argmin(np.abs(forecasts.levels - 0.5)))]
    axis.plot(time[steps], median, color=MODEL, linewidth=1.2, label="median forecast")


def _legend(axis: Axes) -> tuple[list[Artist], list[str]]:
    """Every kind of mark once, what happened first."""
    marks = dict(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    names = ["what happened", "median forecast", *(f"{percent} %" for percent, _ in reversed(_BANDS))]
    return [marks[name] for name in names if name in marks], [name for name in names if name in marks]


def _time(forecasts: Forecasts) -> Times:
    if forecasts.dates:
        return np.array(forecasts.dates, dtype="datetime64[D]")
    return np.arange(forecasts.values.shape[1])
