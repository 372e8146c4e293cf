"""Networks that forecast: a window of scale-free features, or causal convolutions over the whole past."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.forecast.quantiles import QuantileHead
from sgnn.learning.forecast.scale import damped_log, history, recent_level

BLOCK = 4
"""Steps of a coarse mean, beyond the single lags."""


class WindowFeatures(nn.Module):
    """Single lags, then means of four steps, of every channel, relative to the channel's recent level; with masks.

    The level itself enters once per channel, so that the noise of small counts can be learnt.
    """

    def __init__(self, channels: int, lags: int, blocks: int, offset: float) -> None:
        super().__init__()
        self.lags, self.blocks, self.offset = lags, blocks, offset
        self.size = channels * (2 * lags + 2 * blocks + 2)

    def forward(self, channels: Tensor, origins: Tensor) -> tuple[Tensor, Tensor]:
        """Features (series, origin, size) and the first channel's level (series, origin).

        ``channels`` is (series, channel, time) with NaN where missing, ``origins`` (series, origin).
        """
        parts, levels = [], []
        for channel in channels.unbind(1):
            past, seen = history(channel, origins, self.lags + BLOCK * self.blocks)
            level = recent_level(past, seen, self.offset)
            lags = (damped_log(past[..., : self.lags], self.offset) - level.unsqueeze(-1)) * seen[..., : self.lags]
            coarse = torch.unflatten(past[..., self.lags :], -1, (self.blocks, BLOCK)).sum(-1)
            known = torch.unflatten(seen[..., self.lags :], -1, (self.blocks, BLOCK)).sum(-1)
            any_known = (known > 0).to(coarse.dtype)
            means = (damped_log(coarse / known.clamp(min=1.0), self.offset) - level.unsqueeze(-1)) * any_known
            recently = (seen[..., :BLOCK].sum(-1, keepdim=True) > 0).to(coarse.dtype)
            parts += [lags, means, seen[..., : self.lags], any_known, (level.unsqueeze(-1) - 4.0) / 3.0, recently]
            levels.append(level)
        return torch.cat(parts, dim=-1), levels[0]


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
        self.offset = offset
        self.enter = nn.Conv1d(channels * (2 * BLOCK + 2), width, 1)
        deep = max(depth, (lags + BLOCK * blocks - 1).bit_length())
        self.layers = nn.ModuleList(nn.Conv1d(width, width, 2, dilation=2**level) for level in range(deep))
        self.head = QuantileHead(width, horizons)

    def hidden(self, channels: Tensor, origins: Tensor) -> tuple[Tensor, Tensor]:
        """The embedding (series, origin, width) and the level (series, origin)."""
        series, _, time = channels.shape
        everywhere = torch.arange(time, device=channels.device).expand(series, -1)
        parts, levels = [], []
        for channel in channels.unbind(1):
            past, seen = history(channel, everywhere, BLOCK)
            level = recent_level(past, seen, self.offset)
            lags = (damped_log(past, self.offset) - level.unsqueeze(-1)) * seen
            change = torch.diff(level, dim=1, prepend=level[:, :1])
            parts += [lags, seen, change.unsqueeze(-1), (level.unsqueeze(-1) - 4.0) / 3.0]
            levels.append(level)
        hidden = nn.functional.silu(self.enter(torch.cat(parts, dim=-1).transpose(1, 2)))
        for number, layer in enumerate(self.layers):
            reach = 2**number
            hidden = hidden + nn.functional.silu(layer(nn.functional.pad(hidden, (reach, 0))))
        at = origins.unsqueeze(1).expand(-1, hidden.shape[1], -1)
        return torch.gather(hidden, 2, at).transpose(1, 2), torch.gather(levels[0], 1, origins)

    def forward(self, channels: Tensor, origins: Tensor) -> Tensor:
        """Damped-log quantiles (series, origin, horizon, quantile)."""
        hidden, level = self.hidden(channels, origins)
        quantiles: Tensor = self.head(hidden) + level[..., None, None]
        return quantiles


NETWORKS: dict[str, type[WindowNetwork] | type[CausalNetwork]] = {"window": WindowNetwork, "causal": CausalNetwork}
