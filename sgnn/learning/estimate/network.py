"""A network that estimates: one embedding, from it all answers about parameters, paths and mechanisms."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.estimate.encoder import SeriesEncoder
from sgnn.learning.estimate.further import FurtherHead
from sgnn.learning.estimate.joint import MixtureHead
from sgnn.learning.estimate.paths import PathHead
from sgnn.learning.forecast.quantiles import QuantileHead


class EstimateNetwork(nn.Module):
    """Marginal posteriors as non-crossing quantiles on each target's own scale, and the posterior of the mechanism.

    Beside them, where asked for, quantiles of ``paths`` at every step, the ``joint`` posterior of the targets, and
    quantiles of what ``further`` series tell.
    """

    def __init__(
        self,
        encoder: SeriesEncoder,
        embedding: int,
        targets: int,
        mechanisms: int,
        paths: PathHead | None = None,
        joint: MixtureHead | None = None,
        smoothing: int = 0,
        further: FurtherHead | None = None,
    ) -> None:
        super().__init__()
        self.encoder, self.paths, self.joint, self.further = encoder, paths, joint, further
        self.quantiles = QuantileHead(embedding, targets, smoothing) if targets else None
        self.mechanisms = nn.Linear(embedding, mechanisms) if mechanisms else None

    def embedding(self, channels: Tensor, given: Tensor) -> Tensor:
        """Embedding (series, embedding) of ``channels`` (series, channel, time) and ``given`` (series, quantity)."""
        out: Tensor = self.encoder(channels, given)
        return out

    def forward(self, channels: Tensor, given: Tensor) -> tuple[Tensor, Tensor]:
        """Quantiles (series, target, quantile) and log probabilities (series, mechanism); empty where not asked for."""
        return self.answers(self.embedding(channels, given))

    def answers(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """The same of an embedding (series, embedding)."""
        empty = hidden.new_zeros((len(hidden), 0))
        quantiles = empty.unsqueeze(-1) if self.quantiles is None else self.quantiles(hidden)
        logits = empty if self.mechanisms is None else torch.log_softmax(self.mechanisms(hidden).float(), dim=-1)
        return quantiles, logits
