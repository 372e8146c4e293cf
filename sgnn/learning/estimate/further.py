"""The head for what cases alone do not tell, such as infection fatality: further series are read beside them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.estimate.features import SeriesFeatures
from sgnn.learning.forecast.network import Dense
from sgnn.learning.forecast.quantiles import QuantileHead

_SUMMARY = 64
_HALF = 0.5
"""Added to totals before their logs are taken: none at all is finite, and one is far from it."""
_LARGE = 10.0


class FurtherHead(nn.Module):
    """Marginal quantiles (series, target, quantile) from the embedding of the first series and from all of them.

    The embedding is read, not taught: what the network says of the first series alone is what it would say had nobody
    asked for more.
    """

    def __init__(
        self, channels: int, embedding: int, targets: int, width: int, offset: float, smoothing: int = 0
    ) -> None:
        super().__init__()
        self.features = SeriesFeatures(channels, offset)
        self.summary = nn.Linear(embedding, _SUMMARY)
        self.body = Dense(self.features.size + 2 * channels - 1 + _SUMMARY, width, 3)
        self.quantiles = QuantileHead(width, targets, smoothing)

    def forward(self, channels: Tensor, embedding: Tensor) -> Tensor:
        """Quantiles for ``channels`` (series, channel, time), the first ones first, with an ``embedding``."""
        totals = torch.log(torch.nansum(channels.clamp(min=0.0), dim=-1) + _HALF)
        ratios = totals[:, 1:] - totals[:, :1]
        read = [self.features(channels), totals / _LARGE, ratios, self.summary(embedding.detach())]
        quantiles: Tensor = self.quantiles(self.body(torch.cat(read, dim=-1)))
        return quantiles


def quantiles_where_known(head: FurtherHead, every: Tensor, first: int, embedding: Tensor) -> Tensor:
    """Quantiles (series, target, quantile) for all channels, NaN for series that have the ``first`` ones alone."""
    known = has_further(every, first)
    found: Tensor = head(every[known], embedding[known])
    return found.new_full((len(every), *found.shape[1:]), torch.nan).index_put((known,), found)


def has_further(channels: Tensor, first: int) -> Tensor:
    """Which series (series,) have anything observed beyond the ``first`` channels of (series, channel, time)."""
    return (~torch.isnan(channels[:, first:])).flatten(1).any(dim=1)
