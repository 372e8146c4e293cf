"""Scores of posteriors over candidates: what each is, and what chance and a perfect forecaster have."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.evaluation.sources.scores import (
    CandidateScores,
    calibration_error,
    collected,
    credible_set,
    score_case,
    score_intervals,
)

LINE = np.abs(np.subtract.outer(np.arange(4), np.arange(4))).astype(float)


def case(probability: list[float], truth: int, hops=LINE):
    return score_case(np.log(np.array(probability)), np.arange(len(probability)) == truth, hops)


def test_a_case_has_hits_ranks_distances_and_the_log_of_its_probability() -> None:
    found = case([0.1, 0.2, 0.3, 0.4], 1)
    assert found["top1"] == 0.0
    assert found["top5"] == 1.0
    assert found["mean_hops_argmax"] == 2.0
    # expected distances are 2.0, 1.2, 0.8 and 1.0
    assert found["mean_hops"] == 1.0
    assert found["log_score"] == pytest.approx(np.log(0.2))
    assert found["confidence"] == pytest.approx(0.4)


def test_equals_are_drawn_by_lot() -> None:
    even = case([0.1] * 10, 3, np.ones((10, 10)))
    assert even["top1"] == pytest.approx(0.1)
    assert even["top5"] == pytest.approx(0.5)
    assert even["covered_90"] == pytest.approx(0.9)
    assert even["size_90"] == pytest.approx(9.0)


def test_any_of_several_truths_counts() -> None:
    found = score_case(np.log(np.array([0.5, 0.3, 0.2])), np.array([False, True, True]), LINE[:3, :3])
    assert found["log_score"] == pytest.approx(np.log(0.25))
    assert found["mean_hops_argmax"] == 1.0


def test_a_truth_that_is_no_candidate_is_a_miss() -> None:
    found = score_case(np.log(np.array([0.5, 0.5])), np.array([False, False]), LINE[:2, :2])
    assert found["top1"] == found["top5"] == found["covered_90"] == 0.0
    assert found["log_score"] == -np.inf


def test_truths_drawn_from_the_posterior_are_covered_as_often_as_said_and_calibrated() -> None:
    chance = np.random.default_rng(5)
    cases = []
    for _ in range(4000):
        probability = chance.dirichlet(np.full(12, 0.4))
        truth = chance.choice(12, p=probability)
        cases.append(score_case(np.log(probability), np.arange(12) == truth, np.ones((12, 12))))
    means = collected(cases).means()
    assert means["coverage"]["90"] == pytest.approx(0.9, abs=0.015)
    assert means["coverage"]["50"] == pytest.approx(0.5, abs=0.025)
    assert means["ece"] < 0.03


def test_overconfidence_is_seen() -> None:
    assert calibration_error(np.full(100, 0.9), np.r_[np.ones(50), np.zeros(50)]) == pytest.approx(0.4)
    assert calibration_error(np.ones(3), np.ones(3)) is None


def test_the_credible_set_is_the_smallest_that_has_the_probability() -> None:
    assert credible_set(np.array([0.1, 0.6, 0.3]), 0.9).tolist() == [1, 2]
    assert credible_set(np.array([0.1, 0.6, 0.3]), 0.95).tolist() == [1, 2, 0]


def test_paired_differences_are_sharper_than_the_scores() -> None:
    chance = np.random.default_rng(1)
    base = chance.normal(size=400)
    blank = np.zeros(400)

    def scores(log_score) -> CandidateScores:
        return CandidateScores(blank, blank, blank, blank, log_score, blank, blank, blank, blank)

    found = score_intervals({"model": scores(base + 0.1), "other": scores(base)}, "model")
    low, high = found["differences"]["other"]["log_score"]
    assert low == pytest.approx(0.1)
    assert high == pytest.approx(0.1)
    wide = found["methods"]["model"]["log_score"]
    assert wide[1] - wide[0] > 0.1
