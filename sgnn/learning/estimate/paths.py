"""The head for time paths: quantiles of what happened at each step, from the whole series and from what is near."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.estimate.local import LocalFeatures
from sgnn.learning.forecast.network import Dense
from sgnn.learning.forecast.quantiles import QuantileHead

_SUMMARY = 64


class PathHead(nn.Module):
    """Marginal quantiles (series, step, path, quantile) of paths at any steps of a series.

    ``relative`` says of each path whether it is learnt relative to the observed level at the step: counts of which some
    share is seen are, whatever their size.
    """

    def __init__(
        self, channels: int, embedding: int, relative: tuple[bool, ...], width: int, offset: float, smoothing: int = 0
    ) -> None:
        super().__init__()
        self.local = LocalFeatures(channels, offset)
        self.summary = nn.Linear(embedding, _SUMMARY)
        self.body = Dense(self.local.size + _SUMMARY, width, 3)
        self.quantiles = QuantileHead(width, len(relative), smoothing)
        self.relative: Tensor
        self.register_buffer("relative", torch.tensor(relative, dtype=torch.float32), persistent=False)

    def forward(self, channels: Tensor, embedding: Tensor, steps: Tensor) -> Tensor:
        """Quantiles at ``steps`` (series, step) of series (series, channel, time) with an ``embedding``."""
        features, level = self.local(channels, steps)
        whole = self.summary(embedding).unsqueeze(1).expand(-1, steps.shape[1], -1)
        quantiles: Tensor = self.quantiles(self.body(torch.cat([features, whole], dim=-1)))
        anchored: Tensor = quantiles + (level.unsqueeze(-1) * self.relative).unsqueeze(-1)
        return anchored
