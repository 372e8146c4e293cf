"""Scores of a posterior over candidates, of any number: hits, distance, logarithmic score, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.evaluation.bootstrap import LEVEL, resample

Array = NDArray[np.float64]
LEVELS = (50, 90)
"""Sizes of credible sets, in percent."""
BINS = 10
_SAME = 1e-9
_SCORES = ("top1", "top5", "mean_hops", "mean_hops_argmax", "log_score")


@dataclass(frozen=True)
class CandidateScores:
    """Scores (case,) of a method, NaN where it has no answer or no such score.

    ``top1`` and ``top5`` are the chance that the truth is the first or among the first five when equals are drawn by
    lot; ``mean_hops`` is the distance of the decision of least expected distance, ``mean_hops_argmax`` that of the most
    probable candidate, ``log_score`` the log probability of the truth; ``confidence`` the largest probability;
    ``covered_50`` and ``covered_90`` whether the smallest set of that probability holds the truth, equals in part;
    ``size_90`` its size.
    """

    top1: Array
    top5: Array
    mean_hops: Array
    mean_hops_argmax: Array
    log_score: Array
    confidence: Array
    covered_50: Array
    covered_90: Array
    size_90: Array

    def __getitem__(self, rows: Any) -> CandidateScores:
        return CandidateScores(*(getattr(self, one.name)[rows] for one in fields(self)))

    def means(self) -> dict[str, Any]:
        """Mean scores, expected calibration error, coverage; None where a method gives none."""
        found: dict[str, Any] = {name: _mean(getattr(self, name)) for name in _SCORES}
        return {
            **found,
            "ece": calibration_error(self.confidence, self.top1),
            "coverage": {str(level): _mean(getattr(self, f"covered_{level}")) for level in LEVELS},
            "set_size_90": _mean(self.size_90),
            "answers": int(np.isfinite(self.top1).sum()),
        }


def score_case(log_probability: Array, truth: NDArray[np.bool_], hops: Array) -> dict[str, float]:
    """Scores of one case by name of `CandidateScores`.

    ``log_probability`` (candidate,) adds up to 1; ``truth`` marks one candidate or more, each as good;
    ``hops`` (candidate, candidate) are distances. A truth that is no candidate has a log score of minus infinity.
    """
    if not len(log_probability) or not truth.any():
        missed = dict.fromkeys(("top1", "top5", "covered_50", "covered_90"), 0.0)
        confidence = float(np.exp(log_probability.max())) if len(log_probability) else np.nan
        size = float(len(log_probability))
        return {
            **missed,
            "mean_hops": np.nan,
            "mean_hops_argmax": np.nan,
            "log_score": -np.inf,
            "confidence": confidence,
            "size_90": size,
        }
    probability = np.exp(log_probability)
    best = np.flatnonzero(log_probability >= log_probability.max() - _SAME)
    to_truth = hops[:, truth].min(axis=1)
    central = hops @ probability
    centre = np.flatnonzero(central <= central.min() + _SAME)
    # of several truths, the one that a method likes best
    of = np.flatnonzero(truth)[int(np.argmax(log_probability[truth]))]
    above = int((log_probability > log_probability[of] + _SAME).sum())
    equal = int((np.abs(log_probability - log_probability[of]) <= _SAME).sum())
    inside = {level: _covered(probability, of, level / 100.0) for level in LEVELS}
    return {
        "top1": float(truth[best].mean()),
        "top5": min(max(5 - above, 0) / equal, 1.0),
        "mean_hops": float(to_truth[centre].mean()),
        "mean_hops_argmax": float(to_truth[best].mean()),
        "log_score": float(np.logaddexp.reduce(log_probability[truth]) - np.log(truth.sum())),
        "confidence": float(probability.max()),
        "covered_50": inside[50][0],
        "covered_90": inside[90][0],
        "size_90": inside[90][1],
    }


def collected(cases: list[dict[str, float]]) -> CandidateScores:
    """Scores of many cases."""
    return CandidateScores(*(np.array([case[one.name] for case in cases]) for one in fields(CandidateScores)))


def credible_set(probability: Array, level: float) -> NDArray[np.intp]:
    """Candidates of the smallest set that has the probability, most probable first."""
    order = np.argsort(-probability, kind="stable")
    return np.asarray(order[: int(np.searchsorted(np.cumsum(probability[order]), level - 1e-12)) + 1])


def calibration_error(confidence: Array, hit: Array, bins: int = BINS) -> float | None:
    """Expected calibration error of the most probable candidate: mean of |confidence − hits| over equal shares.

    Naeini, Cooper & Hauskrecht (2015), with bins of equal numbers of cases, so that none is nearly empty.
    """
    known = np.isfinite(confidence) & np.isfinite(hit)
    if known.sum() < bins:
        return None
    told, hits = confidence[known], hit[known]
    edges = np.unique(np.quantile(told, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    # cases of the same confidence fall in one bin
    inside = np.searchsorted(edges, told, side="right")
    return float(sum(abs((told - hits)[inside == at].sum()) for at in range(len(edges) + 1)) / len(told))


def score_intervals(methods: Mapping[str, CandidateScores], of: str) -> dict[str, Any]:
    """90 % bootstrap intervals over cases of every score, and of the paired difference of ``of`` from the others."""
    number = len(methods[of].top1)
    weights, _ = resample(number, 1)
    replicates = {name: _replicates(one, weights) for name, one in methods.items()}
    return {
        "level": LEVEL,
        "methods": {name: {score: _ninety(v) for score, v in one.items()} for name, one in replicates.items()},
        "differences": {
            name: {score: _ninety(_weighted(weights, one)) for score, one in _paired(methods[of], other).items()}
            for name, other in methods.items()
            if name != of
        },
    }


def differences(methods: Mapping[str, CandidateScores], of: str) -> dict[str, dict[str, float | None]]:
    """Mean scores of ``of`` less those of each other method, over the cases that both answered."""
    return {
        name: {score: _mean(one) for score, one in _paired(methods[of], other).items()}
        for name, other in methods.items()
        if name != of
    }


def _covered(probability: Array, truth: int, level: float) -> tuple[float, float]:
    """Whether the set holds the truth, and its size; the last of it, and what is as probable, in part.

    In part, so that a set has just its probability and not up to one candidate more.
    """
    order = np.argsort(-probability, kind="stable")
    sums = np.cumsum(probability[order])
    last = min(int(np.searchsorted(sums, level)), len(order) - 1)
    equal = np.abs(probability - probability[order[last]]) <= _SAME
    surely = probability > probability[order[last]] + _SAME
    share = (level - probability[surely].sum()) / max(probability[equal].sum(), 1e-300)
    share = float(np.clip(share, 0.0, 1.0))
    size = float(surely.sum() + share * equal.sum())
    return (1.0 if surely[truth] else share if equal[truth] else 0.0), size


def _paired(own: CandidateScores, other: CandidateScores) -> dict[str, Array]:
    """Differences (case,) by score, NaN where one of both has none."""
    with np.errstate(invalid="ignore"):
        return {name: getattr(own, name) - getattr(other, name) for name in _SCORES}


def _replicates(scores: CandidateScores, weights: Array) -> dict[str, Array]:
    return {name: _weighted(weights, getattr(scores, name)) for name in _SCORES}


def _weighted(weights: Array, values: Array) -> Array:
    seen = ~np.isnan(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = weights @ np.where(seen & np.isfinite(values), values, 0.0)
        infinite = weights @ (np.isinf(values)).astype(np.float64)
        return np.asarray(np.where(infinite > 0, -np.inf, sums / (weights @ seen)))


def _ninety(values: Array) -> list[float] | None:
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    return [float(value) for value in np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])]


def _mean(values: Array) -> float | None:
    known = values[~np.isnan(values)]
    if not len(known) or np.isinf(known).any():
        return None
    return float(known.mean())
