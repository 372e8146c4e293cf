"""What a network sees of a series around some of its steps: scale-free means before and after each, with masks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.estimate.features import between, cumulated, length_of
from sgnn.learning.forecast.features import SCALE_FEATURES, scale_features
from sgnn.learning.forecast.scale import damped_log

_EDGES = (-42, -28, -21, -14, -10, -7, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 8, 11, 15, 22, 29, 43)
"""Edges of the parts around a step, relative to it: single steps near it, weeks far from it."""
_LEVEL = (-7, 8)
_LONG = 100.0


class LocalFeatures(nn.Module):
    """Damped logs of means around steps, less the level there; 0, with a mask of 0, where nothing was observed.

    The level is that of the two weeks around the step, of all the series where those hold nothing. Beside it stands the
    step's place: how far it is from the start and from the last step observed.
    """

    def __init__(self, channels: int, offset: float) -> None:
        super().__init__()
        self.offset = offset
        self.size = channels * (2 * (len(_EDGES) - 1) + SCALE_FEATURES) + 3

    def forward(self, channels: Tensor, steps: Tensor) -> tuple[Tensor, Tensor]:
        """Features (series, step, size), and the first channel's level (series, step) as a damped log.

        ``channels`` is (series, channel, time), NaN where missing; ``steps`` (series, step) are indices of time.
        """
        seen = ~torch.isnan(channels)
        values = torch.where(seen, channels, torch.zeros_like(channels)).clamp(min=0.0).double()
        sums, counts = cumulated(values), cumulated(seen.double())
        time = channels.shape[-1]
        edges = torch.tensor(_EDGES, device=steps.device)
        low, high = (self._around(steps, part, time) for part in (edges[:-1], edges[1:]))
        known = between(counts, low, high)
        near_low, near_high = (self._around(steps, torch.tensor([edge], device=steps.device), time) for edge in _LEVEL)
        near, amount = between(sums, near_low, near_high), between(counts, near_low, near_high)
        overall = (sums[..., -1] / counts[..., -1].clamp(min=1.0)).unsqueeze(-1).expand_as(near)
        level = damped_log(torch.where(amount > 0, near / amount.clamp(min=1.0), overall), self.offset)
        mask = (known > 0).double()
        means = damped_log(between(sums, low, high) / known.clamp(min=1.0), self.offset)
        shape = (*level.shape, len(_EDGES) - 1)
        means, mask = means.reshape(shape), mask.reshape(shape)
        parts = [(means - level.unsqueeze(-1)) * mask, mask, scale_features(level)]
        flat = torch.cat(parts, dim=-1).transpose(1, 2).flatten(2)
        end = length_of(seen).squeeze(-1).double()
        place = steps.double()
        about = torch.stack([place / _LONG, (end - place) / _LONG, place / end.clamp(min=1.0)], dim=-1)
        return torch.cat([flat, about], dim=-1).to(channels.dtype), level[:, 0].to(channels.dtype)

    def _around(self, steps: Tensor, edges: Tensor, time: int) -> Tensor:
        """Edges (series, 1, step x edge) around each step, within the series."""
        return (steps.unsqueeze(-1) + edges).clamp(0, time).flatten(1).unsqueeze(1)
