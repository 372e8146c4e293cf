"""Forecasts without a network: last value, damped drift, and classical models fitted to the past of one series."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Method = Callable[[Array, int, Array], Array]
"""Quantiles (horizon, quantile) of a past (time,) without gaps, so many steps ahead, at rising levels (quantile,)."""

LEAST_HISTORY = 3
DAMPING = 0.8


def last_value(past: Array, horizon: int, levels: Array) -> Array:
    """The last value, spread by the past changes over as many steps, both signs.

    As the COVID-19 Forecast Hub's baseline, but with the changes over several steps as they were, not summed draws of
    one step (Cramer et al. 2022).
    """
    return _spread(past, np.full(horizon, past[-1]), levels)


def damped_drift(past: Array, horizon: int, levels: Array) -> Array:
    """The mean change of the last four steps goes on, damped by 0.8 a step; spread as the last value."""
    drift = np.diff(past[-5:]).mean() if len(past) > 1 else 0.0
    return _spread(past, past[-1] + drift * np.cumsum(DAMPING ** np.arange(1, horizon + 1)), levels)


def fitted(model: str) -> Method:
    """A model of statsforecast, by its class, with that library's own choices; no season, for none is known so early.

    What cannot be fitted (a constant or very short past) is forecast by the last value.
    """

    def forecast(past: Array, horizon: int, levels: Array) -> Array:
        from statsforecast import models

        widths = {level: round(100 * abs(2 * level - 1)) for level in levels.tolist()}
        wanted = sorted(set(widths.values()) - {0})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                made = getattr(models, model)(season_length=1).forecast(y=past, h=horizon, level=wanted)
            except Exception:
                # every model has its own kind of error for a past that it cannot be fitted to
                return last_value(past, horizon, levels)
        columns = [
            made["mean"] if not width else made[f"{'lo' if level < 0.5 else 'hi'}-{width}"]
            for level, width in widths.items()
        ]
        quantiles = np.sort(np.maximum(np.stack(columns, axis=1), 0.0), axis=1)
        return quantiles if np.isfinite(quantiles).all() else last_value(past, horizon, levels)

    return forecast


METHODS: dict[str, Method] = {
    "last_value": last_value,
    "damped_drift": damped_drift,
    "auto_ets": fitted("AutoETS"),
    "auto_arima": fitted("AutoARIMA"),
    "theta": fitted("Theta"),
}


def forecast_rows(name: str, values: Array, origins: tuple[int, ...], horizon: int, levels: Array) -> Array:
    """Quantiles (series, origin, horizon, quantile) of a method for values (series, time), blind to what follows."""
    method = METHODS[name]
    return np.stack([np.stack([method(row[: origin + 1], horizon, levels) for origin in origins]) for row in values])


def _spread(past: Array, median: Array, levels: Array) -> Array:
    out = np.empty((len(median), len(levels)))
    for step in range(1, len(median) + 1):
        reach = min(step, max(1, len(past) - LEAST_HISTORY))
        changes = past[reach:] - past[:-reach] if len(past) > reach else np.zeros(1)
        scale = np.sqrt(step / reach)
        out[step - 1] = median[step - 1] + scale * np.quantile(np.concatenate([changes, -changes]), levels)
    return np.maximum(out, 0.0)
