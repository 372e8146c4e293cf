"""Estimates of series, simulated or real."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from sgnn.errors import DataError
from sgnn.learning.estimate.targets import target_units
from sgnn.learning.estimate.task import EstimateTask
from sgnn.learning.forecast.quantiles import LEVELS
from sgnn.learning.panel import channels_of

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.learning.model import Model

_MOST = 512


def estimate(model: Model, panel: xr.Dataset) -> xr.Dataset:
    """Posterior quantiles of every target, and probabilities of the mechanisms, for each series of a panel.

    The panel has dimensions (series, time), the variable ``value`` (and further channels by name), NaN where missing;
    what the model can be given beside them stands under its name (series,).
    Gives ``estimate(series, parameter, quantile)`` with a ``unit`` a parameter, and ``probability(series, mechanism)``
    where the model names mechanisms. Raises `DataError` for a model that does not estimate.
    """
    import xarray as xr

    task = task_of(model)
    quantiles, log_probabilities = [], []
    with torch.inference_mode():
        for rows, given in _parts(task, panel):
            found, logits = model.network(rows, given)
            quantiles.append(found.numpy())
            log_probabilities.append(logits.numpy())
    scaled = np.concatenate(quantiles).astype(np.float64)
    targets = task.options.targets
    values = [target.from_scale(scaled[:, at]) for at, target in enumerate(targets)]
    data: dict[str, Any] = {}
    coordinates: dict[str, Any] = {"series": panel["series"].to_numpy()}
    if targets:
        data["estimate"] = (("series", "parameter", "quantile"), np.stack(values, axis=1))
        coordinates |= {"parameter": [target.name for target in targets], "quantile": list(LEVELS)}
        coordinates["unit"] = ("parameter", list(target_units(targets, model.schema)))
    if task.options.mechanism:
        data["probability"] = (("series", "mechanism"), np.exp(np.concatenate(log_probabilities).astype(np.float64)))
        coordinates["mechanism"] = list(model.schema.mechanisms)
    return xr.Dataset(data, coords=coordinates, attrs=dict(panel.attrs))


def task_of(model: Model) -> EstimateTask:
    """The model's task. Raises `DataError` for a model of another one."""
    if not isinstance(model.task, EstimateTask):
        raise DataError(
            f"a model of the task '{model.task.name}' does not estimate", remedy="use a model trained for `estimate`"
        )
    return model.task


def panel_channels(task: EstimateTask, panel: xr.Dataset) -> NDArray[np.float32]:
    """Channels (series, channel, time) of a panel: its ``value`` first, further ones by name, NaN where absent."""
    return np.stack(list(channels_of(panel, task.options.series).values()), axis=1)


def panel_given(task: EstimateTask, panel: xr.Dataset) -> NDArray[np.float32]:
    """What is known beside the series (series, quantity), on the scale on which it is shown; NaN where unknown."""
    empty = np.full(panel.sizes["series"], np.nan)
    known = [
        one.to_scale(panel[one.name].to_numpy().astype(np.float64)) if one.name in panel else empty
        for one in task.options.given
    ]
    return np.stack(known, axis=1).astype(np.float32) if known else np.empty((len(empty), 0), np.float32)


def _parts(task: EstimateTask, panel: xr.Dataset) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    channels, given = panel_channels(task, panel), panel_given(task, panel)
    for start in range(0, len(channels), _MOST):
        rows = slice(start, start + _MOST)
        yield torch.from_numpy(channels[rows]), torch.from_numpy(given[rows])
