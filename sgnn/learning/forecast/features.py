"""What a network sees of the past: scale-free, causal, and with a mask for what was not observed."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.forecast.scale import RECENT, damped_log, history, recent_level

BLOCK = 4
"""Steps of a coarse mean, beyond the single lags."""
SCALE_FEATURES = 2
FAR = 2.0
"""A lag or mean this far from the level (seven times as much, or a seventh) is merely far. A week that stands as 0
because nobody reported it lies further off than anything simulated, where a network knows nothing."""
_LARGE = 4.0
_LONG = 32.0


def scale_features(level: Tensor) -> Tensor:
    """What of the scale may be known (…, 2): the level up to about fifty counts, and the size of counting noise.

    Above that, series of every scale look alike; below, a network must know how far a count is from zero.
    """
    low = level.clamp(max=_LARGE) / 2.0 - 1.0
    noise = 2.0 * torch.exp(-0.5 * level)
    return torch.stack([low, noise], dim=-1)


class WindowFeatures(nn.Module):
    """Single lags, then means of four steps, of every channel, relative to the channel's recent level; with masks.

    Beside them for each channel: the scale where it is small, whether any of the last steps was observed, how much was
    observed at all; and for each channel but the first the log ratio of its level to that of the first.
    """

    def __init__(self, channels: int, lags: int, blocks: int, offset: float) -> None:
        super().__init__()
        self.lags, self.blocks, self.offset = lags, blocks, offset
        self.size = channels * (2 * lags + 2 * blocks + SCALE_FEATURES + 3) - 1

    def forward(self, channels: Tensor, origins: Tensor) -> tuple[Tensor, Tensor]:
        """Features (series, origin, size) and the first channel's level (series, origin).

        ``channels`` is (series, channel, time) with NaN where missing, ``origins`` (series, origin).
        """
        parts: list[Tensor] = []
        first: Tensor | None = None
        for channel in channels.unbind(1):
            past, seen = history(channel, origins, self.lags + BLOCK * self.blocks)
            level = recent_level(past, seen, self.offset)
            parts += self._relative(past, seen, level)
            recently = (seen[..., :RECENT].sum(-1, keepdim=True) > 0).to(past.dtype)
            amount = seen.sum(-1, keepdim=True) / _LONG - 1.0
            parts += [scale_features(level), recently, amount]
            if first is None:
                first = level
            else:
                parts.append((level - first).unsqueeze(-1) / 3.0 * recently)
        assert first is not None
        return torch.cat(parts, dim=-1), first

    def _relative(self, past: Tensor, seen: Tensor, level: Tensor) -> list[Tensor]:
        """Lags and coarse means less the level, 0 where nothing was observed, and the masks."""
        here = level.unsqueeze(-1)
        fine = seen[..., : self.lags]
        lags = (damped_log(past[..., : self.lags], self.offset) - here).clamp(-FAR, FAR) * fine
        coarse = torch.unflatten(past[..., self.lags :], -1, (self.blocks, BLOCK)).sum(-1)
        known = torch.unflatten(seen[..., self.lags :], -1, (self.blocks, BLOCK)).sum(-1)
        any_known = (known > 0).to(past.dtype)
        means = (damped_log(coarse / known.clamp(min=1.0), self.offset) - here).clamp(-FAR, FAR) * any_known
        return [lags, means, fine, any_known]


class StepFeatures(nn.Module):
    """For every step of a series: the last four values of each channel relative to its level there, and its change."""

    def __init__(self, channels: int, offset: float) -> None:
        super().__init__()
        self.offset = offset
        self.size = channels * (2 * RECENT + SCALE_FEATURES + 2) - 1

    def forward(self, channels: Tensor) -> tuple[Tensor, Tensor]:
        """Features (series, time, size) and the first channel's level (series, time) of (series, channel, time)."""
        series, _, time = channels.shape
        everywhere = torch.arange(time, device=channels.device).expand(series, -1)
        parts: list[Tensor] = []
        first: Tensor | None = None
        for channel in channels.unbind(1):
            past, seen = history(channel, everywhere, RECENT)
            recently = seen.sum(-1) > 0
            # over a gap the last known level is carried on
            last = torch.cummax(torch.where(recently, everywhere, 0), dim=1).values
            level = torch.gather(recent_level(past, seen, self.offset), 1, last)
            lags = (damped_log(past, self.offset) - level.unsqueeze(-1)).clamp(-FAR, FAR) * seen
            change = torch.diff(level, dim=1, prepend=level[:, :1]).clamp(-FAR, FAR)
            parts += [lags, seen, change.unsqueeze(-1), scale_features(level)]
            if first is None:
                first = level
            else:
                parts.append(((level - first) / 3.0 * recently).unsqueeze(-1))
        assert first is not None
        return torch.cat(parts, dim=-1), first
