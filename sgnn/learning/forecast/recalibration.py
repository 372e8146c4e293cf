"""Online recalibration of forecasts: from each origin, by what earlier forecasts have come to, and nothing after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.learning.model import Model

Array = NDArray[np.float64]
Method = Callable[[Array, Array, Sequence[int], Array], Array]
_OFFSET = 1.0
"""Count below which the log scale is damped."""
_FACTORS = np.exp(np.linspace(np.log(0.5), np.log(3.0), 25))
_PRIOR_ORIGINS = 8.0
"""Origins whose outcome is known that weigh as much as the belief that nothing is to be scaled."""
_STEP = 0.1
_FURTHEST = 0.0005


def width_scaled(forecasts: Array, values: Array, origins: Sequence[int], levels: Array) -> Array:
    """Forecasts (series, origin, horizon, quantile) with distances from the median scaled on a log scale.

    ``values`` (series, time), ``origins`` rising indices of the last time seen. One factor a horizon and origin, for
    all series: that with the least weighted interval score, on the log scale, of earlier forecasts whose outcome is
    known at the origin. It is drawn towards 1 where they are few. Medians stay what they are.
    """
    logs = np.log(np.maximum(forecasts, 0.0) + _OFFSET)
    middle = _median(levels)
    centre = logs[..., middle : middle + 1]
    found = logs.copy()
    for step in range(forecasts.shape[2]):
        truth = _truth(values, origins, step + 1)
        losses = np.stack(
            [
                _losses(centre[:, :, step] + factor * (logs - centre)[:, :, step], levels, np.log(truth + _OFFSET))
                for factor in _FACTORS
            ]
        )
        for at, origin in enumerate(origins):
            known = [before for before, earlier in enumerate(origins) if earlier + step + 1 <= origin]
            seen = [before for before in known if np.isfinite(losses[:, before]).all()]
            if seen:
                best = float(np.log(_FACTORS[int(losses[:, seen].sum(axis=1).argmin())]))
                factor = np.exp(best * len(seen) / (len(seen) + _PRIOR_ORIGINS))
                found[:, at, step] = centre[:, at, step] + factor * (logs - centre)[:, at, step]
    return np.maximum(np.exp(found) - _OFFSET, 0.0)


def adaptive_conformal(forecasts: Array, values: Array, origins: Sequence[int], levels: Array) -> Array:
    """Forecasts whose central intervals are widened after misses and narrowed after hits: Gibbs & Candès (2021).

    Each interval and horizon has a miss rate of its own, moved by a tenth of the miss rate wanted less that seen over
    all series, as outcomes become known; the interval is read off the forecast's quantiles at that rate. Medians stay.
    """
    logs = np.log(np.maximum(forecasts, 0.0) + _OFFSET)
    found, middle = logs.copy(), _median(levels)
    for step in range(forecasts.shape[2]):
        truth = np.log(_truth(values, origins, step + 1) + _OFFSET)
        for low in range(middle):
            high = len(levels) - 1 - low
            wanted = 2.0 * float(levels[low])
            rate, resolved = wanted, 0
            for at, origin in enumerate(origins):
                while resolved < at and origins[resolved] + step + 1 <= origin:
                    missed = _missed(found[:, resolved, step], truth[:, resolved], low, high)
                    if np.isfinite(missed):
                        rate = float(np.clip(rate + _STEP * (wanted - missed), 2 * _FURTHEST, 1.0))
                    resolved += 1
                found[:, at, step, low] = _read_off(logs[:, at, step], levels, rate / 2.0)
                found[:, at, step, high] = _read_off(logs[:, at, step], levels, 1.0 - rate / 2.0)
    # intervals that have moved past each other are put in order, the median staying in the middle
    found[..., :middle] = np.minimum.accumulate(found[..., middle::-1], axis=-1)[..., :0:-1]
    found[..., middle:] = np.maximum.accumulate(found[..., middle:], axis=-1)
    return np.maximum(np.exp(found) - _OFFSET, 0.0)


METHODS: Mapping[str, Method] = {"width": width_scaled, "adaptive": adaptive_conformal}
"""Ways to recalibrate, by the name under which they are asked for."""


def predict_recalibrated(
    model: Model, panel: xr.Dataset, origins: Sequence[int], horizon: int, method: str
) -> xr.Dataset:
    """`Model.predict` from every origin that the panel allows, recalibrated, of which those asked for are given."""
    fewest = model.task.fewest_steps
    every = list(range(min(fewest - 1, min(origins)), max(origins) + 1))
    found = model.predict(panel, every, horizon)
    values = panel["value"].transpose("series", "time").to_numpy().astype(np.float64)
    better = METHODS[method](found["forecast"].to_numpy(), values, every, found["quantile"].to_numpy())
    return found.assign(forecast=(found["forecast"].dims, better)).isel(origin=[every.index(one) for one in origins])


def _median(levels: Array) -> int:
    return int(np.argmin(np.abs(levels - 0.5)))


def _truth(values: Array, origins: Sequence[int], ahead: int) -> Array:
    """What came so many steps after each origin (series, origin), NaN beyond the end."""
    beyond = np.concatenate([values, np.full((len(values), ahead), np.nan)], axis=1)
    return np.asarray(np.maximum(beyond[:, [origin + ahead for origin in origins]], 0.0))


def _losses(logs: Array, levels: Array, truth: Array) -> Array:
    """Mean pinball loss (origin,) over series and quantiles on the log scale, NaN where nothing came."""
    error = truth[..., None] - logs
    each = np.maximum(levels * error, (levels - 1.0) * error).mean(axis=-1)
    known = np.isfinite(each)
    count = known.sum(axis=0)
    return np.asarray(np.where(count > 0, np.where(known, each, 0.0).sum(axis=0) / np.maximum(count, 1), np.nan))


def _missed(logs: Array, truth: Array, low: int, high: int) -> float:
    """Share of the series whose outcome lies outside; NaN where none is known."""
    known = np.isfinite(truth)
    outside = (truth[known] < logs[known, low]) | (truth[known] > logs[known, high])
    return float(outside.mean()) if known.any() else float("nan")


def _read_off(logs: Array, levels: Array, level: float) -> Array:
    """Quantile (series,) at any level, linear in normal scores between quantiles (series, quantile) and beyond them."""
    scores = ndtri(levels)
    aim = float(ndtri(np.clip(level, _FURTHEST, 1.0 - _FURTHEST)))
    at = int(np.clip(np.searchsorted(scores, aim) - 1, 0, len(levels) - 2))
    share = (aim - scores[at]) / (scores[at + 1] - scores[at])
    return np.asarray(logs[:, at] + share * (logs[:, at + 1] - logs[:, at]))
