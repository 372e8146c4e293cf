"""Calibration as figures that a gate can name."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sgnn.evaluation.calibration_summary import class_reliability, summary, worst
from sgnn.learning.forecast.levels import LEVELS

Q = np.array(LEVELS)


def told(scale: float) -> dict[str, object]:
    truth = np.random.default_rng(0).normal(size=1000)
    return summary(np.broadcast_to(scale * stats.norm.ppf(Q), (1000, len(Q))), Q, truth, independent=True)


def test_the_worst_is_the_largest_gap_and_the_smallest_p_value_times_their_number() -> None:
    right, wrong = told(1.0), told(2.0)
    found = worst({"right": right, "wrong": wrong, "unanswered": {}})
    assert found["largest_gap"] == wrong["largest_gap"]
    assert found["rank_p_value"] == min(1.0, 2 * wrong["rank_p_value"])  # type: ignore[operator]
    assert worst({"unanswered": {}}) == {}


def test_dependent_answers_have_no_p_value_and_single_quantiles_no_calibration() -> None:
    truth = np.zeros((4, 3))
    quantiles = np.broadcast_to(stats.norm.ppf(Q), (4, 3, len(Q))).copy()
    found = summary(quantiles, Q, truth, independent=False)
    assert found["rank_p_value"] is None
    assert found["answers"] == 12
    quantiles[..., 0] = np.nan
    assert summary(quantiles, Q, truth, independent=False) == {}


def test_probabilities_that_come_true_lie_on_the_diagonal() -> None:
    chance = np.random.default_rng(0)
    probabilities = chance.dirichlet(np.ones(3), size=20_000)
    truth = (chance.random(20_000)[:, None] > probabilities.cumsum(axis=1)).sum(axis=1)
    for one in class_reliability(probabilities, truth):
        assert one["came"] == pytest.approx(one["stated"], abs=0.03)
        assert one["from"] <= one["stated"] <= one["from"] + 0.1
    overconfident = class_reliability(np.eye(3)[np.roll(truth, 1)], truth)
    assert overconfident[-1]["came"] < 0.6
