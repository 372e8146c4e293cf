"""Averaged weights, by which a network is judged and saved."""

from __future__ import annotations

from pytorch_lightning.callbacks import WeightAveraging
from torch import Tensor


def decay_at(updates: float, decay: float) -> float:
    """Share of the old average that is kept: small at first, so that the weights of the start are soon forgotten."""
    return min(decay, (1.0 + updates) / (10.0 + updates))


class ExponentialAverage(WeightAveraging):
    """An exponential moving average over steps; looks at held-out draws and the saved model use it."""

    def __init__(self, decay: float) -> None:
        def average(old: Tensor, new: Tensor, updates: Tensor | int) -> Tensor:
            return old.lerp(new, 1.0 - decay_at(float(updates), decay))

        super().__init__(avg_fn=average)
