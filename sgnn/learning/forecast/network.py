"""Networks that forecast: over a window of scale-free features, or by causal convolutions over the whole past."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from sgnn.learning.forecast.features import BLOCK, StepFeatures, WindowFeatures
from sgnn.learning.forecast.quantiles import QuantileHead


class Dense(nn.Module):
    """Residual layers over the features (…, size) of one window; gives (…, width)."""

    def __init__(self, size: int, width: int, depth: int) -> None:
        super().__init__()
        self.enter = nn.Linear(size, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth - 1))

    def forward(self, features: Tensor) -> Tensor:
        hidden: Tensor = nn.functional.silu(self.enter(features))
        for layer in self.layers:
            hidden = hidden + nn.functional.silu(layer(hidden))
        return hidden


class Convolutions(nn.Module):
    """Dilated causal convolutions over the features (series, time, size) of every step; gives (series, time, width)."""

    def __init__(self, size: int, width: int, depth: int) -> None:
        super().__init__()
        self.enter = nn.Linear(size, width)
        self.layers = nn.ModuleList(nn.Conv1d(width, width, 2, dilation=2**level) for level in range(depth))

    def forward(self, features: Tensor) -> Tensor:
        hidden: Tensor = nn.functional.silu(self.enter(features)).transpose(1, 2)
        for number, layer in enumerate(self.layers):
            hidden = hidden + nn.functional.silu(layer(nn.functional.pad(hidden, (2**number, 0))))
        return hidden.transpose(1, 2)


class ForecastNetwork(nn.Module, ABC):
    """Members that learn the same windows from different beginnings; their mean forecasts.

    What members disagree on is what training left to chance: the mean errs less on series unlike the simulated ones.
    Quantiles are relative to the recent level of the first channel. ``channels`` is (series, channel, time) with NaN
    where missing, ``origins`` (series, origin) the index of the last time seen; nothing after it is read.
    """

    def __init__(self, bodies: list[nn.Module], width: int, horizons: int) -> None:
        super().__init__()
        self.bodies = nn.ModuleList(bodies)
        self.heads = nn.ModuleList(QuantileHead(width, horizons) for _ in bodies)

    @abstractmethod
    def hidden(self, channels: Tensor, origins: Tensor) -> tuple[list[Tensor], Tensor]:
        """Last hidden layer (series, origin, width) of every member, and the level (series, origin)."""

    def each(self, channels: Tensor, origins: Tensor) -> Tensor:
        """Damped-log quantiles (member, series, origin, horizon, quantile)."""
        hidden, level = self.hidden(channels, origins)
        relative = torch.stack([head(one) for head, one in zip(self.heads, hidden, strict=True)])
        return relative + level[..., None, None]

    def forward(self, channels: Tensor, origins: Tensor) -> Tensor:
        """Damped-log quantiles (series, origin, horizon, quantile): means over members, which cross as little."""
        return self.each(channels, origins).mean(dim=0)

    def embedding(self, channels: Tensor, origins: Tensor) -> Tensor:
        """The members' last hidden layers side by side (series, origin, members x width)."""
        return torch.cat(self.hidden(channels, origins)[0], dim=-1)


class WindowNetwork(ForecastNetwork):
    """Dense layers over the features of a window before each origin."""

    def __init__(
        self, channels: int, horizons: int, members: int, width: int, depth: int, lags: int, blocks: int, offset: float
    ) -> None:
        features = WindowFeatures(channels, lags, blocks, offset)
        super().__init__([Dense(features.size, width, depth) for _ in range(members)], width, horizons)
        self.features = features

    def hidden(self, channels: Tensor, origins: Tensor) -> tuple[list[Tensor], Tensor]:
        features, level = self.features(channels, origins)
        return [body(features) for body in self.bodies], level


class CausalNetwork(ForecastNetwork):
    """Causal convolutions over the whole past, one answer at every step, read off at the origins.

    Inputs at a step are the channels relative to their own recent level there, so that the network is as scale-free as
    the window; what lies after a step never reaches it.
    """

    def __init__(
        self, channels: int, horizons: int, members: int, width: int, depth: int, lags: int, blocks: int, offset: float
    ) -> None:
        features = StepFeatures(channels, offset)
        deep = max(depth, (lags + BLOCK * blocks - 1).bit_length())
        super().__init__([Convolutions(features.size, width, deep) for _ in range(members)], width, horizons)
        self.features = features

    def hidden(self, channels: Tensor, origins: Tensor) -> tuple[list[Tensor], Tensor]:
        features, level = self.features(channels)
        at = origins.unsqueeze(-1)
        read = [torch.take_along_dim(body(features), at, dim=1) for body in self.bodies]
        return read, torch.gather(level, 1, origins)


NETWORKS: dict[str, type[WindowNetwork] | type[CausalNetwork]] = {"window": WindowNetwork, "causal": CausalNetwork}
