"""From a series of any length, with gaps, to one embedding."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.forecast.features import SCALE_FEATURES, scale_features
from sgnn.learning.forecast.scale import damped_log

_KERNEL, _STRIDE = 7, 2
_DAYS = 100.0
_GLOBAL = SCALE_FEATURES + 2


class SeriesEncoder(nn.Module):
    """Convolutions over a series relative to its own level, pooled over what was observed.

    ``channels`` (series, channel, time) holds counts, NaN where missing or after the end. Beside every value stand its
    mask and its time, since the age of an outbreak matters; beside the pooled features the scale where it is small, the
    length and how much was observed. Values after the last one observed change nothing. ``given`` (series, quantity) is
    what is known beside the series, NaN where it is not.
    """

    def __init__(self, channels: int, given: int, width: int, depth: int, embedding: int, offset: float) -> None:
        super().__init__()
        self.offset = offset
        self.stem = nn.Conv1d(2 * channels + 1, width, _KERNEL, stride=_STRIDE, padding=_KERNEL // 2)
        self.layers = nn.ModuleList(
            nn.Conv1d(width, width, 3, dilation=2**level, padding=2**level) for level in range(depth)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(depth))
        self.dense = nn.Linear(3 * width + channels * _GLOBAL + 2 * given, embedding)
        self.last = nn.Linear(embedding, embedding)

    def forward(self, channels: Tensor, given: Tensor) -> Tensor:
        """Embedding (series, embedding)."""
        seen = ~torch.isnan(channels)
        values = torch.where(seen, channels, torch.zeros_like(channels))
        mask = seen.to(channels.dtype)
        amount = mask.sum(-1)
        level = damped_log(values.sum(-1) / amount.clamp(min=1.0), self.offset)
        relative = (damped_log(values, self.offset) - level.unsqueeze(-1)) * mask
        time = torch.arange(channels.shape[-1], device=channels.device, dtype=channels.dtype) / _DAYS
        # up to the last day known of any channel
        known = mask.amax(1).flip(-1).cummax(-1).values.flip(-1)
        clock = (time * known).unsqueeze(1)
        hidden = nn.functional.silu(self.stem(torch.cat([relative, mask, clock], dim=1)))
        inside = nn.functional.max_pool1d(known.unsqueeze(1), _STRIDE, _STRIDE, ceil_mode=True)
        inside = inside[..., : hidden.shape[-1]]
        for layer, norm in zip(self.layers, self.norms, strict=True):
            # normed step by step: over all steps at once, the length would leak into every one
            level_off = norm(hidden.transpose(1, 2)).transpose(1, 2)
            hidden = hidden + nn.functional.silu(layer(level_off * inside))
        length = known.sum(-1, keepdim=True)
        globals_ = [scale_features(level).flatten(1), (amount / _DAYS), (length / _DAYS).expand_as(amount)]
        told = ~torch.isnan(given)
        beside = [torch.where(told, given, torch.zeros_like(given)), told.to(given.dtype)]
        pooled = torch.cat([*_pooled(hidden, inside), *globals_, *beside], dim=-1)
        embedding = nn.functional.silu(self.dense(pooled))
        out: Tensor = embedding + nn.functional.silu(self.last(embedding))
        return out


def _pooled(hidden: Tensor, inside: Tensor) -> list[Tensor]:
    """Mean, largest and last of the steps inside a series, each (series, width)."""
    count = inside.sum(-1).clamp(min=1.0)
    mean = (hidden * inside).sum(-1) / count
    largest = torch.where(inside > 0.0, hidden, torch.full_like(hidden, -1e4)).amax(-1)
    last = (inside.sum(-1).long() - 1).clamp(min=0).unsqueeze(-1).expand(-1, hidden.shape[1], -1)
    return [mean, largest.clamp(min=-1e3), torch.gather(hidden, 2, last).squeeze(-1)]
