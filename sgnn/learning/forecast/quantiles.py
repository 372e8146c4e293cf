"""Quantiles that cannot cross, and their loss."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgnn.learning.forecast.levels import LEVELS, MEDIAN


class QuantileHead(nn.Module):
    """From hidden features to non-crossing quantiles (…, horizon, quantile).

    The median is free; every further quantile adds a positive increment away from it. The pinball loss hardly feels
    how a stretch is shared out among the increments in it, so that densities are jagged; ``smoothing`` passes average
    each with its neighbours, as shares of what a normal distribution has there, which leaves that one as it is.
    """

    def __init__(self, width: int, horizons: int, smoothing: int = 0) -> None:
        super().__init__()
        self.horizons, self.smoothing = horizons, smoothing
        self.linear = nn.Linear(width, horizons * len(LEVELS))
        self.normal: Tensor
        self.register_buffer("normal", torch.special.ndtri(torch.tensor(LEVELS)).diff(), persistent=False)

    def forward(self, hidden: Tensor) -> Tensor:
        """Quantiles (…, horizon, quantile), rising along the last dimension, of hidden features (…, width)."""
        # whole precision from here on: the increments are summed over many levels
        raw = self.linear(hidden).float().unflatten(-1, (self.horizons, len(LEVELS)))
        median = raw[..., MEDIAN : MEDIAN + 1]
        steps = nn.functional.softplus(raw - 2.0)
        steps = self._smooth(steps) if self.smoothing else steps
        up = median + torch.cumsum(steps[..., MEDIAN + 1 :], dim=-1)
        down = median - torch.cumsum(steps[..., :MEDIAN].flip(-1), dim=-1).flip(-1)
        return torch.cat([down, median, up], dim=-1)

    def _smooth(self, steps: Tensor) -> Tensor:
        """Increments (…, quantile), each averaged with its neighbours as often as asked; the median has none."""
        shares = torch.cat([steps[..., :MEDIAN], steps[..., MEDIAN + 1 :]], dim=-1) / self.normal
        for _ in range(self.smoothing):
            wider = torch.cat([shares[..., :1], shares, shares[..., -1:]], dim=-1)
            shares = 0.25 * wider[..., :-2] + 0.5 * wider[..., 1:-1] + 0.25 * wider[..., 2:]
        shares = shares * self.normal
        return torch.cat([shares[..., :MEDIAN], steps[..., MEDIAN : MEDIAN + 1], shares[..., MEDIAN:]], dim=-1)


def pinball(quantiles: Tensor, truth: Tensor) -> Tensor:
    """Pinball loss (…, quantile) of quantiles (…, quantile) for a truth (…), at the hub's levels.

    Its mean over the levels is half the weighted interval score (Bracher et al. 2021).
    """
    levels = torch.tensor(LEVELS, dtype=quantiles.dtype, device=quantiles.device)
    error = truth.unsqueeze(-1) - quantiles
    return torch.maximum(levels * error, (levels - 1.0) * error)
