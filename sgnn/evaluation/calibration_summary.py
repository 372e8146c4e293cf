"""Calibration in a document: gaps between what was said and what came, for tables, pictures and gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.calibration import reliability
from sgnn.evaluation.expected_coverage import CREDIBILITIES, credibility_of_quantiles, expected_coverage
from sgnn.evaluation.ranks import rank_cells, rank_p_value

Array = NDArray[np.float64]
_BINS = 10


def summary(quantiles: Array, levels: Array, truth: Array, independent: bool) -> dict[str, Any]:
    """Calibration of quantiles (…, quantile) for truths (…); empty where no answer has all quantiles.

    ``largest_gap`` and ``mean_gap`` are distances between levels and the share of truths below their quantiles,
    ``expected_coverage_gap`` the largest one between credibility and coverage of regions about random points. Only
    ``independent`` answers have a ``rank_p_value``.
    """
    known = np.isfinite(quantiles).all(axis=-1) & np.isfinite(truth)
    if known.sum() < 2:
        return {}
    own, aim = quantiles[known], truth[known]
    gaps = np.abs(reliability(own, levels, aim) - levels)
    cells = rank_cells(own, levels, aim)
    covered = expected_coverage(credibility_of_quantiles(own, levels, aim))
    return {
        "answers": len(aim),
        "largest_gap": float(gaps.max()),
        "mean_gap": float(gaps.mean()),
        "expected_coverage_gap": float(np.abs(covered - CREDIBILITIES).max()),
        "rank_p_value": rank_p_value(cells, levels) if independent else None,
        "ranks": [round(float(one), 3) for one in cells],
        "expected_coverage": [round(float(one), 4) for one in covered],
    }


def worst(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The largest gaps of several answers, and the smallest p-value times their number: what a gate may ask of all."""
    told = [one for one in parts.values() if one]
    if not told:
        return {}
    found: dict[str, Any] = {
        name: max(one[name] for one in told) for name in ("largest_gap", "mean_gap", "expected_coverage_gap")
    }
    values = [one["rank_p_value"] for one in told if one["rank_p_value"] is not None]
    return {**found, "rank_p_value": min(1.0, len(values) * min(values)) if values else None}


def class_reliability(probabilities: Array, truth: NDArray[np.int64]) -> list[dict[str, Any]]:
    """How often a class came of the answers that gave it about that probability: ten bins of every class at once.

    ``probabilities`` (draw, class), ``truth`` (draw,) an index; rows that are not finite are left out.
    """
    known = np.isfinite(probabilities).all(axis=1)
    stated = probabilities[known].reshape(-1)
    came = (truth[known][:, None] == np.arange(probabilities.shape[1])).reshape(-1)
    bins = np.minimum((stated * _BINS).astype(np.int64), _BINS - 1)
    rows = [(at, bins == at) for at in range(_BINS) if (bins == at).any()]
    return [
        {
            "from": at / _BINS,
            "stated": float(stated[inside].mean()),
            "came": float(came[inside].mean()),
            "answers": int(inside.sum()),
        }
        for at, inside in rows
    ]
