"""A few numbers that anybody could read off a series by eye: for the check of the prior, and for ABC by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

SUMMARIES = (
    *("observed", "total", "peak", "peak_time", "early_growth", "late_growth", "roughness", "zeros"),
    *("largest_step", "turns", "reversal", "rhythm", "calm"),
)
"""Of each series: values observed, log of total and of peak, time of the peak as a share, growth of the log over the
first and over the last half, spread of the steps of the log, share of zeros; the largest step of the log, the share of
steps that turn the direction of the one before, the correlation of neighbouring steps, the largest correlation of
steps two to eight apart, and the median step over their spread."""
_RHYTHMS = range(2, 9)


def summaries(shown: Mapping[str, NDArray[Any]], number: int) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Names and values (draw, summary) for every series (draw, time) shown of so many draws, none for a single step.

    Numbers are NaN where nothing of a series was observed.
    """
    series = {name: array for name, array in shown.items() if array.shape[1] > 1}
    names = tuple(f"{name} {summary}" for name in series for summary in SUMMARIES)
    columns = [_of(array.astype(np.float64)) for array in series.values()]
    return names, np.concatenate([np.empty((number, 0)), *columns], axis=1)


def two_sided(values: NDArray[np.float64], simulated: NDArray[np.float64]) -> NDArray[np.float64]:
    """p-value (query, summary) of each value among simulated ones (draw, summary); NaN where either is unknown.

    Twice the smaller share of simulated values as small, or as large, the value itself counted with them.
    """
    out = np.full(values.shape, np.nan)
    for column in range(values.shape[1]):
        known = np.sort(simulated[:, column][np.isfinite(simulated[:, column])])
        mine = values[:, column]
        if len(known):
            below = np.searchsorted(known, mine, side="right")
            above = len(known) - np.searchsorted(known, mine, side="left")
            out[:, column] = np.minimum(1.0, 2.0 * (1.0 + np.minimum(below, above)) / (1.0 + len(known)))
    return np.where(np.isfinite(values), out, np.nan)


def _of(series: NDArray[np.float64]) -> NDArray[np.float64]:
    """The summaries (draw, summary) of one series (draw, time)."""
    seen = np.isfinite(series)
    count = seen.sum(axis=1)
    counts = np.where(seen, np.maximum(series, 0.0), 0.0)
    logs = np.log1p(counts)
    steps = series.shape[1]
    both = seen[:, 1:] & seen[:, :-1]
    change = np.where(both, np.diff(logs, axis=1), 0.0)
    half = np.arange(steps) < steps / 2
    turning = both[:, 1:] & both[:, :-1]
    turns = turning & (change[:, 1:] * change[:, :-1] < 0.0)
    lags = [_correlation(change, both, lag) for lag in _RHYTHMS if lag < steps - 1]
    roughness = np.sqrt((change**2).sum(axis=1) / np.maximum(both.sum(axis=1), 1))
    columns = [
        count,
        np.log1p(counts.sum(axis=1)),
        logs.max(axis=1),
        counts.argmax(axis=1) / (steps - 1),
        _slope(logs, seen & half),
        _slope(logs, seen & ~half),
        roughness,
        (seen & (counts == 0)).sum(axis=1) / np.maximum(count, 1),
        np.abs(change).max(axis=1, initial=0.0),
        turns.sum(axis=1) / np.maximum(turning.sum(axis=1), 1),
        _correlation(change, both, 1),
        np.max(lags, axis=0) if lags else np.zeros(len(series)),
        _median_step(change, both) / np.maximum(roughness, 1e-12),
    ]
    return np.where(count[:, None] > 0, np.stack(columns, axis=1), np.nan)


def _slope(logs: NDArray[np.float64], used: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Least-squares slope a step (draw,) of what is used; 0 where that is fewer than two values."""
    time = np.arange(logs.shape[1], dtype=np.float64)
    count = np.maximum(used.sum(axis=1), 1)
    centred = np.where(used, time - ((used * time).sum(axis=1) / count)[:, None], 0.0)
    squares = (centred**2).sum(axis=1)
    return np.asarray((centred * logs).sum(axis=1) / np.where(squares > 0, squares, 1.0))


def _correlation(steps: NDArray[np.float64], known: NDArray[np.bool_], lag: int) -> NDArray[np.float64]:
    """Correlation (draw,) of steps (draw, step) with those so many later, about 0; 0 where none are known."""
    both = known[:, lag:] & known[:, :-lag]
    product = np.where(both, steps[:, lag:] * steps[:, :-lag], 0.0).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
    size = np.where(known, steps**2, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.asarray(np.where(size > 0.0, product / np.where(size > 0.0, size, 1.0), 0.0))


def _median_step(steps: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Median size (draw,) of the steps that are known; 0 where none is."""
    sizes = np.sort(np.where(known, np.abs(steps), np.inf), axis=1)
    middle = sizes[np.arange(len(sizes)), np.maximum(known.sum(axis=1) - 1, 0) // 2]
    return np.where(np.isfinite(middle), middle, 0.0)
