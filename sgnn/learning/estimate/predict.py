"""Estimates of series, simulated or real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from sgnn.errors import DataError
from sgnn.learning.estimate.features import length_of
from sgnn.learning.estimate.further import FurtherHead, quantiles_where_known
from sgnn.learning.estimate.joint import draws_of, log_density, marginal_log_densities
from sgnn.learning.estimate.network import EstimateNetwork
from sgnn.learning.estimate.paths import PathHead
from sgnn.learning.estimate.targets import Target, path_units, target_units
from sgnn.learning.estimate.task import EstimateTask
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.panel import channels_of

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.learning.model import Model

Array = NDArray[np.float64]
_MOST = 512


def estimate(model: Model, panel: xr.Dataset) -> xr.Dataset:
    """Posterior quantiles of every target, and probabilities of the mechanisms, for each series of a panel.

    The panel has dimensions (series, time), the variable ``value`` (and further channels by name), NaN where missing;
    what the model can be given beside them stands under its name (series,).
    Gives ``estimate(series, parameter, quantile)`` with a ``unit`` a parameter, and ``probability(series, mechanism)``
    where the model names mechanisms, and ``trajectory(series, time, path, quantile)``, NaN after the end of a series,
    with a ``path_unit`` a path, where it reads paths off series. What only further series tell is NaN where the panel
    has none of them. Raises `DataError` for a model that does not estimate.
    """
    import xarray as xr

    task, network = task_of(model), _network_of(model)
    quantiles, log_probabilities, paths = [], [], []
    targets = (*task.options.targets, *task.options.further_targets)
    with torch.inference_mode():
        for rows, given, every in _parts(task, panel):
            hidden = network.embedding(rows, given)
            found, logits = network.answers(hidden)
            told = given.numpy().astype(np.float64)
            own = _meant(model, task.options.targets, found.numpy().astype(np.float64), told)
            further = None if network.further is None else _further_of(model, network.further, every, hidden, told)
            quantiles.append(own if further is None else np.concatenate([own, further], axis=1))
            log_probabilities.append(logits.numpy())
            if network.paths is not None:
                paths.append(_paths_of(model, network.paths, rows, hidden, told))
    scaled = np.concatenate(quantiles)
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
    if paths:
        data["trajectory"] = (("series", "time", "path", "quantile"), np.concatenate(paths))
        dims = model.schema.variable(task.options.series[0]).dims
        units = list(path_units(task.options.paths, model.schema, dims))
        coordinates |= {"time": panel["time"].to_numpy(), "path": [one.name for one in task.options.paths]}
        coordinates |= {"quantile": list(LEVELS), "path_unit": ("path", units)}
    if "start" in panel.coords:
        coordinates["start"] = ("series", panel["start"].to_numpy())
    return xr.Dataset(data, coords=coordinates, attrs=dict(panel.attrs))


def posterior_draws(model: Model, panel: xr.Dataset, number: int, seed: int = 0) -> xr.Dataset:
    """Draws ``value(series, draw, parameter)`` of the joint posterior of all targets, of a panel as in `estimate`.

    Raises `DataError` for a model that does not estimate, or has no joint posterior.
    """
    import xarray as xr

    task, network = task_of(model), _network_of(model)
    if network.joint is None:
        raise _without_joint()
    generator = torch.Generator().manual_seed(seed)
    with torch.inference_mode():
        parts = [
            draws_of(network.joint(network.embedding(rows, given)), number, generator)
            for rows, given, _ in _parts(task, panel)
        ]
    scaled = torch.cat(parts).numpy().astype(np.float64)
    targets = task.options.targets
    values = np.stack([one.from_scale(scaled[..., at]) for at, one in enumerate(targets)], axis=-1)
    coordinates = {"series": panel["series"].to_numpy(), "parameter": [one.name for one in targets]}
    return xr.Dataset({"value": (("series", "draw", "parameter"), values)}, coords=coordinates)


def joint_log_scores(model: Model, panel: xr.Dataset, truth: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Log densities (series, 2) of truths (series,) by target: joint, and of the product of its own marginals.

    Both are of the targets on the scales on which they are learnt; the first is the larger by what the targets share.
    Raises `DataError` for a model that does not estimate, or has no joint posterior.
    """
    task, network = task_of(model), _network_of(model)
    if network.joint is None:
        raise _without_joint()
    scaled = np.stack([one.to_scale(truth[one.name]) for one in task.options.targets], axis=1)
    values = torch.from_numpy(scaled.astype(np.float32))
    found, start = [], 0
    with torch.inference_mode():
        for rows, given, _ in _parts(task, panel):
            mixture, own = network.joint(network.embedding(rows, given)), values[start : start + len(rows)]
            apart = marginal_log_densities(mixture, own).sum(dim=-1)
            found.append(torch.stack([log_density(mixture, own), apart], dim=1))
            start += len(rows)
    return torch.cat(found).numpy().astype(np.float64)


def _without_joint() -> DataError:
    return DataError("the model has no joint posterior", remedy="set `joint` in model.settings and train it anew")


def _meant(model: Model, targets: tuple[Target, ...], scaled: Array, told: Array) -> Array:
    """Quantiles (series, target, quantile) moved to hold what they say; of what is ``told`` (series, quantity) none."""
    if model.calibration is None:
        return scaled
    given = [one.name for one in task_of(model).options.given]
    moved = scaled.copy()
    for at, target in enumerate(targets):
        rows = np.isnan(told[:, given.index(target.name)]) if target.name in given else np.ones(len(told), dtype=bool)
        indicator = _indicator(model, told[rows])
        moved[rows, at] = model.calibration.apply(target.name, scaled[rows, at], indicator)
    return moved


def _indicator(model: Model, told: Array) -> Array | None:
    """What is told (series,) of the indicator by which the calibration has groups."""
    assert model.calibration is not None
    names = [one.name for one in task_of(model).options.given]
    return told[:, names.index(model.calibration.by)] if model.calibration.by in names else None


def _further_of(model: Model, head: FurtherHead, every: torch.Tensor, hidden: torch.Tensor, told: Array) -> Array:
    """Quantiles (series, target, quantile) of what further series tell, NaN for series without any of them."""
    options = task_of(model).options
    scaled = quantiles_where_known(head, every, len(options.series), hidden).double().numpy()
    return _meant(model, options.further_targets, scaled, told)


def _paths_of(model: Model, head: PathHead, channels: torch.Tensor, hidden: torch.Tensor, told: Array) -> Array:
    """Quantiles (series, time, path, quantile) at every step, NaN after the last one observed."""
    task = task_of(model)
    steps = torch.arange(channels.shape[-1]).expand(len(channels), -1)
    scaled = head(channels, hidden, steps).numpy().astype(np.float64)
    if model.calibration is not None:
        for at, path in enumerate(task.options.paths):
            scaled[:, :, at] = model.calibration.apply(path.name, scaled[:, :, at], _indicator(model, told))
    values = np.stack([one.from_scale(scaled[:, :, at]) for at, one in enumerate(task.options.paths)], axis=2)
    ends = length_of(~torch.isnan(channels)).squeeze(-1).numpy()
    values[np.arange(channels.shape[-1]) >= ends] = np.nan
    return values


def _network_of(model: Model) -> EstimateNetwork:
    assert isinstance(model.network, EstimateNetwork)
    return model.network


def task_of(model: Model) -> EstimateTask:
    """The model's task. Raises `DataError` for a model of another one."""
    if not isinstance(model.task, EstimateTask):
        raise DataError(
            f"a model of the task '{model.task.name}' does not estimate", remedy="use a model trained for `estimate`"
        )
    return model.task


def panel_given(task: EstimateTask, panel: xr.Dataset) -> NDArray[np.float32]:
    """What is known beside the series (series, quantity), on the scale on which it is shown; NaN where unknown.

    Of what the panel says nothing of, the default; what stands in it as NaN is unknown.
    """
    number = panel.sizes["series"]
    known = [
        one.to_scale(
            panel[one.name].to_numpy().astype(np.float64)
            if one.name in panel
            else np.full(number, np.nan if one.default is None else one.default)
        )
        for one in task.options.given
    ]
    return np.stack(known, axis=1).astype(np.float32) if known else np.empty((number, 0), np.float32)


def _parts(task: EstimateTask, panel: xr.Dataset) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Some series at a time: their channels, what is given, and the channels with the further ones behind them.

    As in training nothing is known of a further series after the last step of the others.
    """
    every = torch.from_numpy(np.stack(list(channels_of(panel, task.every_series).values()), axis=1))
    given, own = torch.from_numpy(panel_given(task, panel)), len(task.options.series)
    for start in range(0, len(every), _MOST):
        rows = every[start : start + _MOST]
        channels = rows[:, :own]
        beyond = torch.arange(rows.shape[-1]) >= length_of(~torch.isnan(channels))
        yield channels, given[start : start + _MOST], rows.masked_fill(beyond, torch.nan)
