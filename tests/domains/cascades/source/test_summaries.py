"""Numbers that anybody could read off a snapshot: counted by hand on a small one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgnn.domains.cascades.graphs.rows import rows_of
from sgnn.domains.cascades.observation.given import given_snapshot
from sgnn.domains.cascades.observation.kernel import MASKED, NONE, REPORTED
from sgnn.domains.cascades.source.summaries import SUMMARIES, snapshot_summaries


def looked_at(ties: list[tuple[int, int]], nodes: int, reported: list[int], masked: list[int]) -> dict[str, float]:
    known = np.zeros(nodes, np.int8)
    known[reported], known[masked] = REPORTED, MASKED
    rows = rows_of(nodes, np.array(ties, np.int32))
    draws, _ = given_snapshot(rows, known, np.full(nodes, np.nan), NONE)
    return dict(zip(SUMMARIES, snapshot_summaries(draws)[0].tolist(), strict=True))


def test_reports_that_hang_together_are_one_part_with_nobody_alone() -> None:
    found = looked_at([(0, 1), (1, 2), (2, 3)], 4, [0, 1, 2], [])
    assert found["reports"] == pytest.approx(math.log(3))
    assert (found["alone"], found["parts"], found["apart"]) == (0.0, 0.0, 0.0)
    assert found["inside"] == pytest.approx((1 + 1 + 1 / 2) / 3)


def test_reports_without_ties_to_each_other_are_alone_and_apart() -> None:
    found = looked_at([(0, 1), (2, 6), (3, 6), (4, 6), (5, 6)], 7, [0, 1, 2, 3], [])
    assert found["alone"] == pytest.approx(0.5)
    assert found["parts"] == pytest.approx(math.log(3))
    assert found["apart"] == pytest.approx(0.5)


def test_unknown_nodes_join_reports() -> None:
    found = looked_at([(0, 1), (1, 2)], 3, [0, 2], [1])
    assert found["parts"] == 0.0
    assert found["inside"] == 0.0


def test_snapshots_of_different_sizes_do_not_touch() -> None:
    one = np.zeros(3, np.int8)
    one[:2] = REPORTED
    draws, _ = given_snapshot(rows_of(3, np.array([(0, 1)], np.int32)), one, np.full(3, np.nan), NONE)
    twice = {name: np.concatenate([values, values]) for name, values in draws.items()}
    both = snapshot_summaries(twice)
    np.testing.assert_array_equal(both[0], both[1])
    np.testing.assert_array_equal(both[0], snapshot_summaries(draws)[0])
