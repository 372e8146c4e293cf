"""Networks that forecast: a window of scale-free features, or causal convolutions over the whole past."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.forecast.features import BLOCK, StepFeatures, WindowFeatures
from sgnn.learning.forecast.quantiles import QuantileHead


class WindowNetwork(nn.Module):
    """Residual layers over window features; quantiles relative to the recent level."""

    def __init__(
        self, channels: int, horizons: int, width: int, depth: int, lags: int, blocks: int, offset: float
    ) -> None:
        super().__init__()
        self.features = WindowFeatures(channels, lags, blocks, offset)
        self.enter = nn.Linear(self.features.size, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth - 1))
        self.head = QuantileHead(width, horizons)

    def hidden(self, channels: Tensor, origins: Tensor) -> tuple[Tensor, Tensor]:
        """The embedding (series, origin, width) and the level (series, origin)."""
        features, level = self.features(channels, origins)
        hidden = nn.functional.silu(self.enter(features))
        for layer in self.layers:
            hidden = hidden + nn.functional.silu(layer(hidden))
        return hidden, level

    def forward(self, channels: Tensor, origins: Tensor) -> Tensor:
        """Damped-log quantiles (series, origin, horizon, quantile)."""
        hidden, level = self.hidden(channels, origins)
        quantiles: Tensor = self.head(hidden) + level[..., None, None]
        return quantiles


class CausalNetwork(nn.Module):
    """Dilated causal convolutions over the whole past, one answer at every step, read off at the origins.

    Inputs at a step are the channels relative to their own recent level there, so that the network is as scale-free as
    the window; what lies after a step never reaches it.
    """

    def __init__(
        self, channels: int, horizons: int, width: int, depth: int, lags: int, blocks: int, offset: float
    ) -> None:
        super().__init__()
        self.features = StepFeatures(channels, offset)
        self.enter = nn.Linear(self.features.size, width)
        deep = max(depth, (lags + BLOCK * blocks - 1).bit_length())
        self.layers = nn.ModuleList(nn.Conv1d(width, width, 2, dilation=2**level) for level in range(deep))
        self.head = QuantileHead(width, horizons)

    def hidden(self, channels: Tensor, origins: Tensor) -> tuple[Tensor, Tensor]:
        """The embedding (series, origin, width) and the level (series, origin)."""
        features, level = self.features(channels)
        hidden = nn.functional.silu(self.enter(features)).transpose(1, 2)
        for number, layer in enumerate(self.layers):
            hidden = hidden + nn.functional.silu(layer(nn.functional.pad(hidden, (2**number, 0))))
        at = origins.unsqueeze(1).expand(-1, hidden.shape[1], -1)
        return torch.gather(hidden, 2, at).transpose(1, 2), torch.gather(level, 1, origins)

    def forward(self, channels: Tensor, origins: Tensor) -> Tensor:
        """Damped-log quantiles (series, origin, horizon, quantile)."""
        hidden, level = self.hidden(channels, origins)
        quantiles: Tensor = self.head(hidden) + level[..., None, None]
        return quantiles


NETWORKS: dict[str, type[WindowNetwork] | type[CausalNetwork]] = {"window": WindowNetwork, "causal": CausalNetwork}
