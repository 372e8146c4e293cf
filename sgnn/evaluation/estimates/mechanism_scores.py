"""Scores of the probabilities of mechanisms: accuracy, log loss, calibration error, confusion."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.bootstrap import LEVEL, resample

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
_LEAST = 1e-6
_BINS = 10


def mechanism_scores(probabilities: Array, truth: Indices) -> dict[str, Any]:
    """Scores of ``probabilities`` (series, mechanism), rows of NaN where a method names none.

    A series without an answer counts as wrong for the accuracy and is left out of the other scores.
    """
    answered = np.isfinite(probabilities).all(axis=1)
    given, own = probabilities[answered], truth[answered]
    right = np.zeros(len(truth))
    right[answered] = given.argmax(axis=1) == own
    chosen = np.clip(given[np.arange(len(own)), own], _LEAST, 1.0)
    weights, _ = resample(max(len(truth), 1), 1)
    spread = np.quantile(weights @ right / max(len(truth), 1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return {
        "accuracy": float(right.mean()) if len(right) else None,
        "accuracy_interval": [float(one) for one in spread] if len(right) else None,
        "log_loss": float(-np.log(chosen).mean()) if len(own) else None,
        "calibration_error": calibration_error(given, own) if len(own) else None,
        "answers": int(answered.sum()),
    }


def calibration_error(probabilities: Array, truth: Indices) -> float:
    """Expected calibration error of the likeliest mechanism, in ten bins of equal count.

    Mean over bins of the distance between the probability that was stated and the share that was right.
    """
    top, right = probabilities.max(axis=1), (probabilities.argmax(axis=1) == truth).astype(np.float64)
    bins = np.array_split(np.argsort(top, kind="stable"), min(_BINS, len(top)))
    return float(sum(len(rows) * abs(top[rows].mean() - right[rows].mean()) for rows in bins) / len(top))


def confusion(probabilities: Array, truth: Indices, mechanisms: int) -> NDArray[np.int64]:
    """Series (true mechanism, named mechanism) by the likeliest one; those without an answer are left out."""
    answered = np.isfinite(probabilities).all(axis=1)
    table = np.zeros((mechanisms, mechanisms), dtype=np.int64)
    np.add.at(table, (truth[answered], probabilities[answered].argmax(axis=1)), 1)
    return table
