"""Scores that are kept: made once for the same cases, and again for others."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sgnn.evaluation.sources.kept import kept_scores
from sgnn.evaluation.sources.scores import CandidateScores


def test_scores_are_made_once_for_the_same_cases_and_methods(tmp_path: Path) -> None:
    made = []

    def make() -> dict[str, CandidateScores]:
        made.append(1)
        return {"closeness": CandidateScores(*(np.array([0.5, np.nan]) for _ in range(9)))}

    cases = {"known": np.array([[1, 2]])}
    first, again = (kept_scores(tmp_path, "toy 1", cases, make) for _ in range(2))
    assert len(made) == 1
    np.testing.assert_array_equal(first["closeness"].top1, again["closeness"].top1)
    kept_scores(tmp_path, "toy 2", cases, make)
    kept_scores(tmp_path, "toy 1", {"known": np.array([[2, 1]])}, make)
    assert len(made) == 3
