"""The task `estimate`: parameters, targets and the mechanism of a draw, from its observed series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn

from sgnn.errors import RecipeError
from sgnn.learning.estimate.alignment import aligned
from sgnn.learning.estimate.encoder import SeriesEncoder
from sgnn.learning.estimate.further import FurtherHead, has_further
from sgnn.learning.estimate.joint import MixtureHead, log_density
from sgnn.learning.estimate.network import EstimateNetwork
from sgnn.learning.estimate.paths import PathHead
from sgnn.learning.estimate.targets import Given, Target, path_units, stored_arrays, target_units, target_values
from sgnn.learning.forecast.quantiles import pinball
from sgnn.learning.panel import channels_of
from sgnn.learning.task import Arrays, Batch, Task
from sgnn.simulation import Schema

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sgnn.learning.calibration import Calibration


class EstimateSettings(BaseModel):
    """Settings of the task and its network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    series: tuple[str, ...] = Field(min_length=1, description="observed variables that are seen, (draw, time)")
    targets: tuple[Target, ...] = Field(default=(), description="quantities estimated, each with its scale")
    given: tuple[Given, ...] = Field(
        default=(), description="quantities that may be known beside the series, such as the generation interval"
    )
    given_share: float = Field(
        default=0.5, ge=0, le=1, description="share of the draws that are trained on with a quantity known"
    )
    paths: tuple[Target, ...] = Field(
        default=(), description="series estimated step by step, (draw, time) like those seen, each with its scale"
    )
    path_steps: int = Field(default=6, ge=1, description="steps of a draw at which paths are learnt in a batch")
    path_weight: float = Field(default=1.0, gt=0, description="weight of a path's loss beside that of a quantile")
    joint: int = Field(
        default=0, ge=0, description="Gaussian components of the joint posterior of all targets; 0: none"
    )
    joint_weight: float = Field(default=0.02, gt=0, description="weight of its log loss beside that of a quantile")
    further_series: tuple[str, ...] = Field(
        default=(),
        description="observed variables that may be missing altogether, such as deaths, alike with the first",
    )
    further_targets: tuple[Target, ...] = Field(
        default=(), description="quantities that further series tell, estimated only where one of these is there"
    )
    mechanism: bool = Field(default=False, description="whether the mechanism is named too")
    mechanism_weight: float = Field(default=0.2, gt=0, description="weight of its log loss beside that of a quantile")
    smoothing: int = Field(
        default=0, ge=0, description="times that gaps between quantiles are averaged with their neighbours"
    )
    calibrate: bool = Field(
        default=True, description="whether quantiles are moved, after training, to hold what they say of held-out draws"
    )
    calibrate_by: str | None = Field(
        default=None, description="an indicator among those given: calibrated apart for 0, 1 and where it is unknown"
    )
    shortest: int = Field(default=14, ge=2, description="fewest steps of a series that is cut short while training")
    cut: float = Field(default=0.3, ge=0, le=1, description="share of the series that are cut short while training")
    offset: float = Field(default=1.0, gt=0, description="count below which the log scale is damped")
    from_first_count: bool = Field(
        default=False, description="whether series begin with their first count above zero, in the corpus and outside"
    )
    weeks_as_days: bool = Field(
        default=False, description="whether tables by week are seen as days that share each count, as in the corpus"
    )
    width: int = Field(default=256, ge=8, description="features of the hidden layers")
    depth: int = Field(default=4, ge=1, description="hidden layers")
    embedding: int = Field(default=128, ge=8, description="features of the embedding")

    @model_validator(mode="after")
    def _asks_something(self) -> EstimateSettings:
        if not self.targets and not self.mechanism and not self.paths:
            raise ValueError("nothing to estimate: give targets or paths, or ask for the mechanism")
        if self.joint and not self.targets:
            raise ValueError("a joint posterior of no targets: give targets, or leave joint out")
        if bool(self.further_series) != bool(self.further_targets):
            raise ValueError("further_series and further_targets belong together: give both or none")
        if self.calibrate_by is not None and self.calibrate_by not in {one.name for one in self.given}:
            raise ValueError(f"calibrate_by '{self.calibrate_by}' is not among those given")
        return self


class EstimateTask(Task):
    """Estimate targets and paths from the observed series, each by quantiles of its marginal posterior.

    The pinball loss over all levels, and the log losses of the mechanism and of the joint posterior, are proper: their
    minimum is the posterior under the corpus's prior. Paths are learnt at a few steps of every draw, at random. Some
    series are cut short at random, so that any length is known.
    """

    name = "estimate"

    def __init__(self, **settings: Any) -> None:
        self.options = EstimateSettings(**settings)
        self._columns: dict[str, int] = {}

    @property
    def settings(self) -> dict[str, Any]:
        """All settings, defaults included."""
        return self.options.model_dump(mode="json")

    def inputs(self, schema: Schema) -> tuple[str, ...]:
        """Series, the arrays that hold the targets, the mechanism. Raises `RecipeError` where the corpus lacks one."""
        series = {variable.name: variable.dims for variable in schema.variables if len(variable.dims) == 1}
        every = self.every_series
        for name in every:
            if name not in series:
                raise RecipeError(
                    f"the corpus has no series '{name}' to estimate from", remedy=f"series are: {', '.join(series)}"
                )
        if len({series[name] for name in every}) > 1:
            raise RecipeError(f"the series {', '.join(every)} have different dimensions", remedy="observe them alike")
        asked = (*self.options.targets, *self.options.given, *self.options.further_targets)
        target_units(asked, schema)
        path_units(self.options.paths, schema, series[self.options.series[0]])
        self._columns = {parameter.name: column for column, parameter in enumerate(schema.parameters)}
        stored = stored_arrays(asked, schema)
        paths = tuple(one.stored for one in self.options.paths)
        return (*every, *stored, *paths, *(("mechanism",) if self.options.mechanism else ()))

    def answerable(self, shown: Arrays) -> NDArray[np.bool_]:
        """Series that count from their first count on are asked about where they have one."""
        if not self.options.from_first_count:
            return super().answerable(shown)
        counts = [np.nan_to_num(shown[name]).max(axis=1) > 0.0 for name in self.options.series]
        return np.asarray(np.any(counts, axis=0))

    @property
    def calibrates(self) -> bool:
        """Whether the settings ask for it."""
        return self.options.calibrate

    def calibration(self, network: nn.Module, draws: Arrays, generator: np.random.Generator) -> Calibration | None:
        """See `calibrating.fit_calibration`."""
        from sgnn.learning.estimate.calibrating import fit_calibration

        assert isinstance(network, EstimateNetwork)
        return fit_calibration(self, network, draws, generator)

    @property
    def seen(self) -> tuple[str, ...]:
        """The series."""
        return self.options.series

    @property
    def every_series(self) -> tuple[str, ...]:
        """The series, and after them the further ones, of which an embedding knows nothing."""
        return (*self.options.series, *self.options.further_series)

    @property
    def fewest_steps(self) -> int:
        """The shortest series learnt."""
        return self.options.shortest

    def embedding(self, network: nn.Module, shown: Arrays) -> Tensor:
        """What both answers are made from (draw, embedding), with nothing known beside the series."""
        assert isinstance(network, EstimateNetwork)
        channels = np.stack([shown[name] for name in self.options.series], axis=1).astype(np.float32)
        unknown = torch.full((len(channels), len(self.options.given)), torch.nan)
        return network.embedding(torch.from_numpy(channels), unknown)

    def prepared(self, schema: Schema, panel: xr.Dataset, today: pd.Timestamp | None = None) -> xr.Dataset:
        """Each series counted from its own first step; see `alignment.aligned`."""
        o = self.options
        dimension = schema.dimension(schema.variable(o.series[0]).dims[0])
        beside = tuple(one.name for one in o.given)
        return aligned(panel, dimension, o.shortest, beside, o.from_first_count, today, o.weeks_as_days)

    def shown(self, panel: xr.Dataset) -> dict[str, NDArray[Any]]:
        """The panel's ``value`` as the first series, further ones by name."""
        return dict(channels_of(panel, self.options.series))

    def network(self, schema: Schema) -> EstimateNetwork:
        """The network that the settings describe."""
        o = self.options
        encoder = SeriesEncoder(len(o.series), len(o.given), o.width, o.depth, o.embedding, o.offset)
        relative = tuple(one.scale == "count" for one in o.paths)
        paths = PathHead(len(o.series), o.embedding, relative, o.width // 2, o.offset, o.smoothing) if o.paths else None
        joint = MixtureHead(o.embedding, len(o.targets), o.joint) if o.joint else None
        mechanisms = len(schema.mechanisms) if o.mechanism else 0
        further = None
        if o.further_targets:
            number, width = len(self.every_series), o.width // 2
            further = FurtherHead(number, o.embedding, len(o.further_targets), width, o.offset, o.smoothing)
        return EstimateNetwork(encoder, o.embedding, len(o.targets), mechanisms, paths, joint, o.smoothing, further)

    def batch(self, draws: Arrays, generator: np.random.Generator) -> Batch:
        """``channels`` (draw, channel, time), ``given`` and ``targets`` (draw, quantity), ``mechanism`` (draw,).

        Where paths are asked for, ``steps`` (draw, step) and ``paths`` (draw, step, path) at them; where there are
        further targets, ``every_channel`` (draw, channel, time) and ``further_targets`` (draw, quantity). Draws that
        nobody can ask about are left out, if there are others.
        """
        kept = self.answerable(draws)
        if kept.any() and not kept.all():
            draws = {name: array[kept] for name, array in draws.items()}
        every = np.stack([draws[name] for name in self.every_series], axis=1).astype(np.float32)
        self._cut_short(every, generator)
        channels = every[:, : len(self.options.series)]
        targets = target_values(self.options.targets, draws, self._columns).astype(np.float32)
        given = self._given(draws, generator).astype(np.float32)
        batch = {name: torch.from_numpy(one) for name, one in (("channels", channels), ("given", given))}
        batch["targets"] = torch.from_numpy(targets)
        if self.options.paths:
            steps = self._steps(channels, generator)
            batch |= {"steps": torch.from_numpy(steps), "paths": torch.from_numpy(self._paths(draws, steps))}
        if self.options.further_targets:
            batch["every_channel"] = torch.from_numpy(every)
            further = target_values(self.options.further_targets, draws, self._columns).astype(np.float32)
            batch["further_targets"] = torch.from_numpy(further)
        if self.options.mechanism:
            batch["mechanism"] = torch.from_numpy(draws["mechanism"].astype(np.int64))
        return batch

    def _steps(self, channels: np.ndarray, generator: np.random.Generator) -> NDArray[np.int64]:
        """Steps (draw, step) at random, none after the last one observed of any channel."""
        seen = ~np.isnan(channels).all(axis=1)
        lengths = np.where(seen.any(axis=1), seen.shape[1] - seen[:, ::-1].argmax(axis=1), 1)
        chance = generator.random((len(channels), self.options.path_steps))
        return np.asarray((chance * lengths[:, None]).astype(np.int64))

    def _paths(self, draws: Arrays, steps: NDArray[np.int64]) -> NDArray[np.float32]:
        """Paths (draw, step, path) at some steps, on their scales, NaN where there is none."""
        values = [
            one.to_scale(np.take_along_axis(draws[one.stored].astype(np.float64), steps, axis=1))
            for one in self.options.paths
        ]
        return np.stack(values, axis=-1).astype(np.float32)

    def _given(self, draws: Arrays, generator: np.random.Generator) -> np.ndarray:
        """Quantities (draw, quantity) known beside the series, each in some of the draws, NaN in the others."""
        values = self.told(draws)
        if self.options.given:
            values[generator.random(values.shape) >= self.options.given_share] = np.nan
        return values

    def told(self, draws: Arrays) -> NDArray[np.float64]:
        """All that may be known beside the series (draw, quantity), on the scale on which it is shown."""
        return target_values(self.options.given, draws, self._columns)

    def _cut_short(self, channels: np.ndarray, generator: np.random.Generator) -> None:
        """Leave out the end of some series."""
        steps = channels.shape[-1]
        if not self.options.cut or steps <= self.options.shortest:
            return
        cut = generator.random(len(channels)) < self.options.cut
        lengths = np.where(cut, generator.integers(self.options.shortest, steps, len(channels)), steps)
        beyond = np.arange(steps) >= lengths[:, None]
        channels[np.broadcast_to(beyond[:, None], channels.shape)] = np.nan

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Mean pinball losses over targets and paths, plus the weighted log losses of mechanism and joint posterior."""
        assert isinstance(network, EstimateNetwork)
        hidden = network.embedding(batch["channels"], batch["given"])
        quantiles, logits = network.answers(hidden)
        total: Tensor = quantiles.new_zeros(())
        if self.options.targets:
            total = total + _pinball_of_known(quantiles, batch["targets"])
        if network.paths is not None:
            paths = network.paths(batch["channels"], hidden, batch["steps"])
            total = total + self.options.path_weight * _pinball_of_known(paths, batch["paths"])
        if network.further is not None:
            told = has_further(batch["every_channel"], batch["channels"].shape[1])
            further = network.further(batch["every_channel"][told], hidden[told])
            total = total + _pinball_of_known(further, batch["further_targets"][told])
        if network.joint is not None:
            whole = ~torch.isnan(batch["targets"]).any(dim=-1)
            density = log_density(network.joint(hidden[whole]), batch["targets"][whole])
            total = total - self.options.joint_weight * density.sum() / whole.sum().clamp(min=1)
        if self.options.mechanism:
            chosen = torch.gather(logits, 1, batch["mechanism"].unsqueeze(1))
            total = total - self.options.mechanism_weight * chosen.mean()
        return total


def _pinball_of_known(quantiles: Tensor, values: Tensor) -> Tensor:
    """Mean pinball loss of quantiles (…, quantile) for values (…), NaN where there is none to learn from."""
    known = ~torch.isnan(values)
    truth = torch.where(known, values, torch.zeros_like(values))
    return (pinball(quantiles, truth).mean(dim=-1) * known).sum() / known.sum().clamp(min=1)
