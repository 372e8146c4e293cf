"""From a series of any length, with gaps, to one embedding."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.estimate.features import SeriesFeatures
from sgnn.learning.forecast.network import Dense


class SeriesEncoder(nn.Module):
    """Residual layers over the features of a whole series: on a processor, many times as fast as convolutions.

    ``channels`` (series, channel, time) holds counts, NaN where missing or after the end; ``given`` (series, quantity)
    what is known beside the series, NaN where it is not. Values after the last one observed change nothing.
    """

    def __init__(self, channels: int, given: int, width: int, depth: int, embedding: int, offset: float) -> None:
        super().__init__()
        self.features = SeriesFeatures(channels, offset)
        self.body = Dense(self.features.size + 2 * given, width, depth)
        self.last = nn.Linear(width, embedding)

    def forward(self, channels: Tensor, given: Tensor) -> Tensor:
        """Embedding (series, embedding)."""
        told = ~torch.isnan(given)
        beside = [torch.where(told, given, torch.zeros_like(given)), told.to(given.dtype)]
        embedding: Tensor = self.last(self.body(torch.cat([self.features(channels), *beside], dim=-1)))
        return embedding
