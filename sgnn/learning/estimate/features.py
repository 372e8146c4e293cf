"""What a network sees of a whole series: scale-free means over parts of it, with masks, from its start and its end."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.forecast.features import SCALE_FEATURES, scale_features
from sgnn.learning.forecast.scale import damped_log

_FROM_START = (*range(0, 64, 2), *range(64, 128, 8), *range(128, 256, 32), *range(256, 1025, 128))
"""Edges of the parts counted from the first step: fine where an outbreak begins, coarse where a series is long."""
_FROM_END = (*range(0, 16, 2), *range(16, 49, 8))
"""Edges of the parts counted back from the last step observed."""
_SHARES = 24
"""Parts of equal length, whatever the length of the series."""
_LONG = 100.0
_OTHERS = SCALE_FEATURES + 6


class SeriesFeatures(nn.Module):
    """Damped logs of means over parts of a series, less that of its mean; 0, with a mask of 0, where none is known.

    Beside them for each channel: its cumulated logs, the scale where it is small, its length and how much of it was
    observed, how rough it is from step to step and from week to week; for each channel but the first the log ratio of
    its level to the first one's. Nothing after the last step observed of any channel is read.
    """

    def __init__(self, channels: int, offset: float) -> None:
        super().__init__()
        self.offset = offset
        parts = len(_FROM_START) - 1 + len(_FROM_END) - 1 + _SHARES
        self.size = channels * (2 * parts + len(_FROM_START) - 1 + _OTHERS) + channels - 1

    def forward(self, channels: Tensor) -> Tensor:
        """Features (series, size) of ``channels`` (series, channel, time), NaN where missing or after the end."""
        seen = ~torch.isnan(channels)
        # sums of large counts, of which differences of small ones are taken
        values = torch.where(seen, channels, torch.zeros_like(channels)).clamp(min=0.0).double()
        sums, counts = cumulated(values), cumulated(seen.double())
        length = length_of(seen)
        total, amount = sums[..., -1:], counts[..., -1:]
        level = damped_log(total / amount.clamp(min=1.0), self.offset)
        edges = [self._from_start(length), self._from_end(length), self._shares(length)]
        parts: list[Tensor] = []
        for low, high in edges:
            known = between(counts, low, high)
            mean = damped_log(between(sums, low, high) / known.clamp(min=1.0), self.offset) - level
            mask = (known > 0.0).double()
            parts += [mean * mask, mask]
        low, high = edges[0]
        upto = damped_log(torch.gather(sums, -1, high.expand(*sums.shape[:2], -1)), self.offset)
        parts.append((upto - damped_log(total, self.offset)) * parts[1])
        parts += [scale_features(level.squeeze(-1)), amount / _LONG, (length / _LONG).expand_as(amount)]
        parts += [torch.log1p(amount) / 4.0, torch.log1p(length.double()).expand_as(amount) / 4.0]
        parts += _roughness(values, seen, self.offset)
        flat = torch.cat([part.double() for part in parts], dim=-1).flatten(1)
        ratios = (level[:, 1:, 0] - level[:, :1, 0]) / 3.0
        return torch.cat([flat, ratios], dim=-1).to(channels.dtype)

    def _from_start(self, length: Tensor) -> tuple[Tensor, Tensor]:
        edges = torch.tensor(_FROM_START, device=length.device).expand(*length.shape[:2], -1)
        edges = torch.minimum(edges, length)
        return edges[..., :-1], edges[..., 1:]

    def _from_end(self, length: Tensor) -> tuple[Tensor, Tensor]:
        edges = (length - torch.tensor(_FROM_END, device=length.device)).clamp(min=0)
        return edges[..., 1:], edges[..., :-1]

    def _shares(self, length: Tensor) -> tuple[Tensor, Tensor]:
        edges = (length * torch.arange(_SHARES + 1, device=length.device)) // _SHARES
        return edges[..., :-1], edges[..., 1:]


def cumulated(values: Tensor) -> Tensor:
    """Sums (…, time + 1) of all that comes before each step."""
    return nn.functional.pad(torch.cumsum(values, dim=-1), (1, 0))


def between(sums: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Sums (series, channel, part) of the steps from ``low`` to ``high`` (series, 1, part)."""
    shape = (*sums.shape[:2], -1)
    return torch.gather(sums, -1, high.expand(shape)) - torch.gather(sums, -1, low.expand(shape))


def length_of(seen: Tensor) -> Tensor:
    """Steps (series, 1, 1) up to the last one observed of any channel."""
    steps = torch.arange(1, seen.shape[-1] + 1, device=seen.device)
    return (seen.any(dim=1) * steps).amax(-1)[:, None, None]


def _roughness(values: Tensor, seen: Tensor, offset: float) -> list[Tensor]:
    """Mean change of the damped log from step to step, and over a week, (series, channel, 1) each."""
    logs, mask = damped_log(values, offset), seen.double()
    found = []
    for lag in (1, 7):
        both = mask[..., lag:] * mask[..., :-lag]
        change = (logs[..., lag:] - logs[..., :-lag]).abs() * both
        found.append(change.sum(-1, keepdim=True) / both.sum(-1, keepdim=True).clamp(min=1.0))
    return found
