"""Answers that were made are read, until their inputs or their method change."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sgnn.evaluation.kept import kept


def test_what_was_made_is_not_made_again_until_something_changes(tmp_path: Path) -> None:
    calls = []

    def make() -> dict[str, np.ndarray]:
        calls.append(1)
        return {"answer": np.array([float(len(calls))])}

    cases = np.ones((2, 3))
    first, again = (kept(tmp_path, "toy", 1, (cases,), make)["answer"] for _ in range(2))
    assert first == again == 1.0
    assert kept(tmp_path, "toy", 2, (cases,), make)["answer"] == 2.0
    assert kept(tmp_path, "toy", 1, (2.0 * cases,), make)["answer"] == 3.0
