"""The space that neighbours are sought in: a linear map of the embedding, chosen on held-out draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
KEPT = 0.9995
"""Share of the variance that the directions kept have together."""
_FLOOR = 1e-4
_RIDGE = 1e-3


@dataclass(frozen=True)
class Space:
    """Places are ``(embedding - centre) @ turn``; distances there are Euclidean."""

    name: str
    centre: NDArray[np.float32]
    turn: NDArray[np.float32]

    @property
    def size(self) -> int:
        """Dimensions."""
        return int(self.turn.shape[1])

    def place(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Places (draw, dimension) of embeddings (draw, feature)."""
        return np.ascontiguousarray((embeddings - self.centre) @ self.turn, dtype=np.float32)


def candidates(embeddings: NDArray[np.float32], answers: Array) -> tuple[Space, ...]:
    """Spaces to choose from, fitted to embeddings (draw, feature) and what is asked (draw, answer), without NaN.

    ``plain`` keeps distances, ``scaled`` gives every feature the same variance, ``whitened`` every direction.
    ``answers`` is the linear prediction of what is asked: Fearnhead & Prangle (2012), whose summaries of data are
    posterior means.
    """
    values = embeddings.astype(np.float64)
    centre = values.mean(axis=0)
    values = values - centre
    spread = values.std(axis=0)
    scale = np.where(spread > 1e-6 * max(float(spread.max()), 1e-12), 1.0 / np.maximum(spread, 1e-12), 0.0)
    covariance = values.T @ values / len(values)
    named = {
        "plain": _principal(covariance),
        "scaled": scale[:, None] * _principal(covariance * np.outer(scale, scale)),
        "whitened": scale[:, None] * _principal(covariance * np.outer(scale, scale), whiten=True),
        "answers": _predicting(values * scale, answers) * scale[:, None],
    }
    return tuple(
        Space(name, centre.astype(np.float32), turn.astype(np.float32)) for name, turn in named.items() if turn.size
    )


def ranks(values: Array) -> Array:
    """Ranks (draw, quantity) between 0 and 1 of each quantity, NaN where it is: all quantities on one scale."""
    known = np.isfinite(values)
    order = np.where(known, values, np.inf).argsort(axis=0, kind="stable").argsort(axis=0)
    return np.where(known, (order + 0.5) / np.maximum(known.sum(axis=0), 1), np.nan)


def _principal(covariance: Array, whiten: bool = False) -> Array:
    """Directions (feature, kept) of the largest variance, each divided by its own where whitened."""
    variance, directions = np.linalg.eigh(covariance)
    variance, directions = variance[::-1], directions[:, ::-1]
    share = np.cumsum(variance) / max(float(variance.sum()), 1e-300)
    kept = int(np.searchsorted(share, KEPT)) + 1
    kept = max(1, min(kept, int((variance > _FLOOR * variance[0]).sum())))
    return directions[:, :kept] / np.sqrt(np.maximum(variance[:kept], 1e-300)) if whiten else directions[:, :kept]


def _predicting(values: Array, answers: Array) -> Array:
    """Map (feature, direction) of ridge regression from values to answers, turned to fewest directions."""
    moving = answers[:, answers.std(axis=0) > 0]
    if not moving.size:
        return np.empty((values.shape[1], 0))
    centred = (moving - moving.mean(axis=0)) / moving.std(axis=0)
    covariance = values.T @ values / len(values)
    ridge = _RIDGE * np.eye(len(covariance))
    slopes = np.linalg.solve(covariance + ridge, values.T @ centred / len(values))
    return np.asarray(slopes @ _principal(slopes.T @ covariance @ slopes))
