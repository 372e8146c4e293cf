"""Block bootstrap over origins and series: how much a score would change with other weeks and regions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.scores import absolute_error, covered, weighted_interval_score

Array = NDArray[np.float64]
BLOCK, REPLICATES, SEED = 8, 1000, 20201121
NOT_RESOLVABLE = 0.02
"""A difference in relative MAE below this is no finding with a few dozen origins."""


def resample(
    series: int, origins: int, replicates: int = REPLICATES, block: int = BLOCK, seed: int = SEED
) -> tuple[Array, Array]:
    """How often each series (replicate, series) and each origin (replicate, origin) is drawn.

    Series are drawn one by one with replacement, origins in moving blocks, for their errors are correlated.
    """
    chance = np.random.default_rng(seed)
    drawn = chance.integers(0, series, (replicates, series))
    by_series = np.stack([np.bincount(row, minlength=series) for row in drawn]).astype(np.float64)
    block = min(block, origins)
    blocks = -(-origins // block)
    starts = chance.integers(0, origins - block + 1, (replicates, blocks))
    picked = (starts[..., None] + np.arange(block)).reshape(replicates, -1)[:, :origins]
    by_origin = np.stack([np.bincount(row, minlength=origins) for row in picked]).astype(np.float64)
    return by_series, by_origin


def score_intervals(
    forecasts: Mapping[str, Array], reference: str, levels: Array, truth: Array, of: str
) -> dict[str, Any]:
    """90 % intervals of every method's scores, and of the difference of ``of`` from every other method.

    Forecasts are (series, origin, horizon, quantile), the truth (series, origin, horizon) with NaN where missing.
    """
    by_series, by_origin = resample(truth.shape[0], truth.shape[1])

    def replicate(values: Array) -> Array:
        return np.asarray(np.einsum("rs,so,ro->r", by_series, np.nansum(values, axis=2), by_origin))

    count = replicate(np.where(np.isnan(truth), 0.0, 1.0))
    mae = {name: replicate(absolute_error(one, levels, truth)) for name, one in forecasts.items()}
    wis = {name: replicate(weighted_interval_score(one, levels, truth)) for name, one in forecasts.items()}
    cover = {name: replicate(covered(one, levels, truth, 90)) / count for name, one in forecasts.items()}
    methods = {
        name: {
            "relative_mae": _ninety(mae[name] / mae[reference]),
            "relative_wis": _ninety(wis[name] / wis[reference]),
            "coverage_90": _ninety(cover[name]),
        }
        for name in forecasts
    }
    differences = {
        name: {
            "relative_mae": _ninety((mae[of] - mae[name]) / mae[reference]),
            "relative_wis": _ninety((wis[of] - wis[name]) / wis[reference]),
        }
        for name in forecasts
        if name != of
    }
    return {"level": 0.9, "methods": methods, "differences": differences}


def _ninety(values: Array) -> list[float]:
    return [float(value) for value in np.quantile(values, [0.05, 0.95])]
