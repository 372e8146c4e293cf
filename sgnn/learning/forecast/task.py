"""The task `forecast`: quantiles of the next steps of a series, at many origins of every simulated draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from sgnn.errors import RecipeError
from sgnn.learning.forecast.network import NETWORKS, ForecastNetwork
from sgnn.learning.forecast.quantiles import pinball
from sgnn.learning.forecast.scale import damped_log
from sgnn.learning.panel import channels_of, to_weekly
from sgnn.learning.task import Arrays, Batch, Task
from sgnn.simulation import Schema

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class ForecastSettings(BaseModel):
    """Settings of the task and its network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: str = Field(description="variable that is forecast, (draw, time)")
    covariates: tuple[str, ...] = Field(default=(), description="variables seen up to the origin beside it")
    horizons: int = Field(default=8, ge=1, description="steps ahead")
    lags: int = Field(default=16, ge=4, description="single steps back that the window network sees")
    blocks: int = Field(default=12, ge=0, description="means of four steps before those")
    least_context: int = Field(default=8, ge=1, description="fewest steps before a forecast")
    origins_per_draw: int = Field(
        default=16, ge=1, description="origins of every draw in a batch; the causal network learns at all of them"
    )
    covariate_dropout: float = Field(default=0.35, ge=0, le=1, description="share of draws shown without covariates")
    offset: float = Field(default=2.0, gt=0, description="count below which the log scale is damped")
    network: Literal["window", "causal"] = Field(default="window", description="kind of network")
    members: int = Field(default=1, ge=1, description="networks that learn side by side; their mean forecasts")
    width: int = Field(default=256, ge=8, description="features of a hidden layer")
    depth: int = Field(default=3, ge=1, description="hidden layers")


class ForecastTask(Task):
    """Forecast ``target`` from its own past and that of the covariates.

    Origins are drawn anew at every batch, but for the causal network, which answers at every step anyway. With
    probability ``covariate_dropout`` a draw is shown without covariates, so that one network serves series that have
    them and series that do not.
    """

    name = "forecast"

    def __init__(self, **settings: Any) -> None:
        self.options = ForecastSettings(**settings)

    @property
    def settings(self) -> dict[str, Any]:
        """All settings, defaults included."""
        return self.options.model_dump(mode="json")

    @property
    def channels(self) -> tuple[str, ...]:
        """Variables seen: the target first."""
        return (self.options.target, *self.options.covariates)

    def inputs(self, schema: Schema) -> tuple[str, ...]:
        """Target and covariates, which must share one time dimension that is long enough. Raises `RecipeError`."""
        known = {variable.name: variable for variable in schema.variables}
        for name in self.channels:
            if name not in known or len(known[name].dims) != 1:
                series = [variable.name for variable in schema.variables if len(variable.dims) == 1]
                raise RecipeError(
                    f"the corpus has no series '{name}' to forecast from", remedy=f"series are: {', '.join(series)}"
                )
        dims = {known[name].dims for name in self.channels}
        if len(dims) > 1:
            raise RecipeError(f"target and covariates have different dimensions {dims}", remedy="observe them alike")
        time = {dimension.name: dimension.size for dimension in schema.dimensions}[dims.pop()[0]]
        least = self.options.least_context + self.options.horizons
        if time < least:
            raise RecipeError(
                f"series of {time} steps hold no {self.options.least_context} steps of context and "
                f"{self.options.horizons} to forecast",
                remedy=f"simulate at least {least} steps",
            )
        return self.channels

    @property
    def seen(self) -> tuple[str, ...]:
        """Target and covariates."""
        return self.channels

    @property
    def fewest_steps(self) -> int:
        """Steps before the first forecast."""
        return self.options.least_context

    def embedding(self, network: nn.Module, shown: Arrays) -> Tensor:
        """What a forecast from the last step is made from (draw, members x width)."""
        assert isinstance(network, ForecastNetwork)
        channels = np.stack([shown[name] for name in self.channels], axis=1).astype(np.float32)
        last = torch.full((len(channels), 1), channels.shape[-1] - 1, dtype=torch.int64)
        return network.embedding(torch.from_numpy(channels), last).squeeze(1)

    def prepared(self, schema: Schema, panel: xr.Dataset, today: pd.Timestamp | None = None) -> xr.Dataset:
        """Days become weeks for a model that learnt weeks."""
        step = schema.dimension(schema.variable(self.options.target).dims[0]).unit
        return to_weekly(panel) if step == "week" else panel

    def shown(self, panel: xr.Dataset) -> dict[str, NDArray[Any]]:
        """The panel's ``value`` as the target, covariates by name."""
        return dict(channels_of(panel, self.channels))

    def network(self, schema: Schema) -> ForecastNetwork:
        """The network that the settings describe."""
        o = self.options
        make = NETWORKS[o.network]
        return make(len(self.channels), o.horizons, o.members, o.width, o.depth, o.lags, o.blocks, o.offset)

    def batch(self, draws: Arrays, generator: np.random.Generator) -> Batch:
        """``channels`` (draw, channel, time), ``origins`` (draw, origin), ``truth`` (draw, origin, horizon)."""
        o = self.options
        values = np.stack([draws[name] for name in self.channels], axis=1).astype(np.float32, copy=False)
        series, _, time = values.shape
        first, beyond = o.least_context - 1, time - o.horizons
        if o.network == "causal":
            origins = np.tile(np.arange(first, beyond), (series, 1))
        else:
            origins = generator.integers(first, beyond, size=(series, o.origins_per_draw))
        ahead = origins[..., None] + 1 + np.arange(o.horizons)
        truth = np.take_along_axis(values[:, :1], ahead.reshape(series, 1, -1), axis=2).reshape(ahead.shape)
        if o.covariates and o.covariate_dropout > 0:
            values[generator.random(series) < o.covariate_dropout, 1:] = np.nan
        return {
            "channels": torch.from_numpy(values),
            "origins": torch.from_numpy(origins),
            "truth": torch.from_numpy(np.ascontiguousarray(truth)),
        }

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Mean pinball loss on the damped log scale over quantiles, horizons and windows whose truth was observed.

        While training it is the mean of the members' losses, else the loss of their mean.
        """
        assert isinstance(network, ForecastNetwork)
        answer = network.each if network.training else network
        quantiles = answer(batch["channels"], batch["origins"])
        seen = ~torch.isnan(batch["truth"])
        truth = damped_log(torch.where(seen, batch["truth"], torch.zeros_like(batch["truth"])), self.options.offset)
        losses = pinball(quantiles, truth).mean(dim=-1) * seen
        members = losses.numel() // seen.numel()
        return losses.sum() / (members * seen.sum()).clamp(min=1)

    def windows(self, batch: Batch) -> int:
        """Forecast windows: origins of all draws."""
        return batch["origins"].numel()
