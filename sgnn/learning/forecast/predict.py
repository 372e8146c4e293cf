"""Forecasts of a panel of real series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from sgnn.errors import DataError
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.forecast.scale import undamped
from sgnn.learning.forecast.task import ForecastTask
from sgnn.learning.panel import channels_of

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.learning.model import Model

_MOST_WINDOWS = 8192


def predict(model: Model, panel: xr.Dataset, origins: Sequence[int], horizon: int) -> xr.Dataset:
    """Quantiles of the next ``horizon`` steps after each origin (index of the last time seen).

    The panel has dimensions (series, time), the variable ``value`` and covariates by name, NaN where missing; a
    covariate
    that is absent is masked. Gives ``forecast(series, origin, horizon, quantile)``, with the panel's series, the
    origins' times, and attributes of the panel. Raises `DataError` for a horizon or an origin the model cannot serve.
    """
    import xarray as xr

    task = _task(model)
    if not 1 <= horizon <= task.options.horizons:
        raise DataError(
            f"horizon {horizon} asked for, the model forecasts 1 to {task.options.horizons} steps",
            remedy="ask for fewer steps",
        )
    channels = _channels(task, panel, origins)
    chunks = []
    with torch.inference_mode():
        for rows, at in _batches(channels, origins):
            chunks.append(undamped(model.network(rows, at), task.options.offset)[..., :horizon, :])
    values = torch.cat(chunks).numpy().astype(np.float64)
    return xr.Dataset(
        {"forecast": (("series", "origin", "horizon", "quantile"), values)},
        coords={
            "series": panel["series"].to_numpy(),
            "origin": panel["time"].to_numpy()[list(origins)],
            "horizon": np.arange(1, horizon + 1),
            "quantile": list(LEVELS),
        },
        attrs=dict(panel.attrs),
    )


def _task(model: Model) -> ForecastTask:
    if not isinstance(model.task, ForecastTask):
        raise DataError(
            f"a model of the task '{model.task.name}' does not forecast", remedy="use a model trained for `forecast`"
        )
    return model.task


def _channels(task: ForecastTask, panel: xr.Dataset, origins: Sequence[int]) -> Tensor:
    steps = panel.sizes["time"]
    least = task.options.least_context
    for origin in origins:
        if not least - 1 <= origin < steps:
            raise DataError(
                f"origin {origin} of a panel of {steps} steps: a forecast needs {least} steps before it",
                remedy="choose a later origin",
            )
    return torch.from_numpy(np.stack(list(channels_of(panel, task.channels).values()), axis=1))


def _batches(channels: Tensor, origins: Sequence[int]) -> list[tuple[Tensor, Tensor]]:
    at = torch.tensor(list(origins), dtype=torch.int64)
    rows = max(1, _MOST_WINDOWS // max(1, len(origins)))
    return [(part, at.expand(len(part), -1)) for part in torch.split(channels, rows)]
