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
from sgnn.learning.estimate.network import EstimateNetwork
from sgnn.learning.estimate.targets import Target, stored_arrays, target_units, target_values
from sgnn.learning.forecast.quantiles import pinball
from sgnn.learning.panel import channels_of
from sgnn.learning.task import Arrays, Batch, Task
from sgnn.simulation import Schema

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class EstimateSettings(BaseModel):
    """Settings of the task and its network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    series: tuple[str, ...] = Field(min_length=1, description="observed variables that are seen, (draw, time)")
    targets: tuple[Target, ...] = Field(default=(), description="quantities estimated, each with its scale")
    given: tuple[Target, ...] = Field(
        default=(), description="quantities that may be known beside the series, such as the generation interval"
    )
    given_share: float = Field(
        default=0.5, ge=0, le=1, description="share of the draws that are trained on with a quantity known"
    )
    mechanism: bool = Field(default=False, description="whether the mechanism is named too")
    mechanism_weight: float = Field(default=0.2, gt=0, description="weight of its log loss beside that of a quantile")
    shortest: int = Field(default=14, ge=2, description="fewest steps of a series that is cut short while training")
    cut: float = Field(default=0.3, ge=0, le=1, description="share of the series that are cut short while training")
    offset: float = Field(default=1.0, gt=0, description="count below which the log scale is damped")
    from_first_count: bool = Field(
        default=False, description="whether series begin with their first count above zero, in the corpus and outside"
    )
    width: int = Field(default=256, ge=8, description="features of the hidden layers")
    depth: int = Field(default=4, ge=1, description="hidden layers")
    embedding: int = Field(default=128, ge=8, description="features of the embedding")

    @model_validator(mode="after")
    def _asks_something(self) -> EstimateSettings:
        if not self.targets and not self.mechanism:
            raise ValueError("nothing to estimate: give targets, or ask for the mechanism")
        return self


class EstimateTask(Task):
    """Estimate the targets from the observed series, each by quantiles of its marginal posterior.

    The pinball loss over all levels, and the log loss of the mechanism, are proper: their minimum is the posterior
    under the corpus's prior. Some series are cut short at random, so that any length is known.
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
        for name in self.options.series:
            if name not in series:
                raise RecipeError(
                    f"the corpus has no series '{name}' to estimate from", remedy=f"series are: {', '.join(series)}"
                )
        if len({series[name] for name in self.options.series}) > 1:
            raise RecipeError(
                f"the series {', '.join(self.options.series)} have different dimensions", remedy="observe them alike"
            )
        asked = (*self.options.targets, *self.options.given)
        target_units(asked, schema)
        self._columns = {parameter.name: column for column, parameter in enumerate(schema.parameters)}
        stored = stored_arrays(asked, schema)
        return (*self.options.series, *stored, *(("mechanism",) if self.options.mechanism else ()))

    @property
    def seen(self) -> tuple[str, ...]:
        """The series."""
        return self.options.series

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
        return aligned(panel, dimension, o.shortest, beside, o.from_first_count, today)

    def shown(self, panel: xr.Dataset) -> dict[str, NDArray[Any]]:
        """The panel's ``value`` as the first series, further ones by name."""
        return dict(channels_of(panel, self.options.series))

    def network(self, schema: Schema) -> EstimateNetwork:
        """The network that the settings describe."""
        o = self.options
        encoder = SeriesEncoder(len(o.series), len(o.given), o.width, o.depth, o.embedding, o.offset)
        return EstimateNetwork(encoder, o.embedding, len(o.targets), len(schema.mechanisms) if o.mechanism else 0)

    def batch(self, draws: Arrays, generator: np.random.Generator) -> Batch:
        """``channels`` (draw, channel, time), ``given`` and ``targets`` (draw, quantity), ``mechanism`` (draw,)."""
        channels = np.stack([draws[name] for name in self.options.series], axis=1).astype(np.float32)
        self._cut_short(channels, generator)
        targets = target_values(self.options.targets, draws, self._columns).astype(np.float32)
        given = self._given(draws, generator).astype(np.float32)
        batch = {name: torch.from_numpy(one) for name, one in (("channels", channels), ("given", given))}
        batch["targets"] = torch.from_numpy(targets)
        if self.options.mechanism:
            batch["mechanism"] = torch.from_numpy(draws["mechanism"].astype(np.int64))
        return batch

    def _given(self, draws: Arrays, generator: np.random.Generator) -> np.ndarray:
        """Quantities (draw, quantity) known beside the series, each in some of the draws, NaN in the others."""
        values = target_values(self.options.given, draws, self._columns)
        if self.options.given:
            values[generator.random(values.shape) >= self.options.given_share] = np.nan
        return values

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
        """Mean pinball loss over targets and levels, plus the weighted log loss of the mechanism."""
        quantiles, logits = network(batch["channels"], batch["given"])
        total: Tensor = quantiles.new_zeros(())
        if self.options.targets:
            known = ~torch.isnan(batch["targets"])
            truth = torch.where(known, batch["targets"], torch.zeros_like(batch["targets"]))
            losses = pinball(quantiles, truth).mean(dim=-1) * known
            total = total + losses.sum() / known.sum().clamp(min=1)
        if self.options.mechanism:
            chosen = torch.gather(logits, 1, batch["mechanism"].unsqueeze(1))
            total = total - self.options.mechanism_weight * chosen.mean()
        return total
