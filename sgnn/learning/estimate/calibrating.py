"""How far an estimator's quantiles must move, from draws kept from training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from sgnn.learning.calibration import Calibration, conformal_factors
from sgnn.learning.estimate.further import quantiles_where_known
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.task import Arrays, Batch

if TYPE_CHECKING:
    from sgnn.learning.estimate.network import EstimateNetwork
    from sgnn.learning.estimate.task import EstimateTask

Array = NDArray[np.float64]
_MOST = 512
_GROUPS = {"unknown": np.nan, "0": 0.0, "1": 1.0}


def fit_calibration(
    task: EstimateTask, network: EstimateNetwork, draws: Arrays, generator: np.random.Generator
) -> Calibration | None:
    """Factors of all targets and paths, of draws (draw, …) shown as in training: some cut short, some with more told.

    A target that can be told is learnt from where it is not. Paths are looked at on one day of each draw, so that what
    is looked at is independent. None where there are too few draws.
    """
    by = task.options.calibrate_by or ""
    place = [one.name for one in task.options.given].index(by) if by else 0
    own = task.told(draws)[:, place] if by else np.full(len(draws["draw"]), np.nan)
    factors: dict[str, dict[str, tuple[float, ...]]] = {}
    numbers: dict[str, int] = {}
    for name, value in _GROUPS.items() if by else [("unknown", np.nan)]:
        rows = np.arange(len(own)) if np.isnan(value) else np.flatnonzero(np.round(own) == value)
        if not len(rows):
            continue
        batch = task.batch({key: array[rows] for key, array in draws.items()}, generator)
        if by:
            batch["given"][:, place] = value
        fitted = _factors(task, network, batch)
        if fitted:
            numbers[name] = len(batch["channels"])
        for quantity, found in fitted.items():
            factors.setdefault(quantity, {})[name] = found
    return Calibration(factors, numbers, by) if factors else None


def _factors(task: EstimateTask, network: EstimateNetwork, batch: Batch) -> dict[str, tuple[float, ...]]:
    """Factors by quantity, of those that have enough draws."""
    levels = np.array(LEVELS)
    options = task.options
    told = {one.name: at for at, one in enumerate(options.given)}
    quantiles, paths, further = _answers(network, batch)
    found = {}
    for at, target in enumerate(options.targets):
        truth = batch["targets"][:, at].double().numpy()
        if target.name in told:
            truth = np.where(np.isnan(batch["given"][:, told[target.name]].numpy()), truth, np.nan)
        found[target.name] = conformal_factors(quantiles[:, at], levels, truth)
    for at, target in enumerate(options.further_targets):
        truth = batch["further_targets"][:, at].double().numpy()
        found[target.name] = conformal_factors(further[:, at], levels, truth)
    for at, path in enumerate(options.paths):
        truth = batch["paths"][:, 0, at].double().numpy()
        found[path.name] = conformal_factors(paths[:, at], levels, truth)
    return {name: tuple(float(one) for one in own) for name, own in found.items() if own is not None}


def _answers(network: EstimateNetwork, batch: Batch) -> tuple[Array, Array, Array]:
    """Quantiles (draw, target, quantile) of targets, of paths at the first of the steps, and of further targets.

    The last are NaN for draws without any.
    """
    quantiles, paths, further = [], [], []
    with torch.inference_mode():
        for at in range(0, len(batch["channels"]), _MOST):
            rows = slice(at, at + _MOST)
            hidden = network.embedding(batch["channels"][rows], batch["given"][rows])
            quantiles.append(network.answers(hidden)[0].double().numpy())
            if network.paths is not None:
                steps = batch["steps"][rows, :1]
                paths.append(network.paths(batch["channels"][rows], hidden, steps)[:, 0].double().numpy())
            if network.further is not None:
                every, own = batch["every_channel"][rows], batch["channels"].shape[1]
                further.append(quantiles_where_known(network.further, every, own, hidden).double().numpy())
    empty = np.empty((0, 0, len(LEVELS)))
    return (
        np.concatenate(quantiles),
        np.concatenate(paths) if paths else empty,
        np.concatenate(further) if further else empty,
    )
