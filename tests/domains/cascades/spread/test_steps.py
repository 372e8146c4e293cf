"""Spread in steps: independent cascade and linear threshold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgnn.domains.cascades.graphs.families import matched
from sgnn.domains.cascades.graphs.rows import rows_of
from sgnn.domains.cascades.spread.steps import independent_cascade, linear_threshold
from sgnn.simulation.random import open_stream

LINE = rows_of(8, np.array([[at, at + 1] for at in range(7)], dtype=np.int32))
ORIGIN = np.array([0], dtype=np.int32)


def cascade(rows, run: int, probability: float, horizon: float = math.inf, variation: float = 0.0):
    infection, recovery = np.empty((2, len(rows[0]) - 1))
    independent_cascade(*rows, ORIGIN, horizon, probability, variation, 10**9, open_stream(4, run), infection, recovery)
    return infection, recovery


def test_on_a_line_a_cascade_is_geometric_and_goes_a_tie_a_step() -> None:
    reached = []
    for run in range(3000):
        infection, recovery = cascade(LINE, run, 0.6)
        count = int(np.isfinite(infection).sum())
        assert infection[:count].tolist() == list(range(count))
        assert (recovery[:count] == infection[:count] + 1.0).all()
        reached.append(count)
    for length in range(1, 6):
        assert np.mean(np.array(reached) > length) == pytest.approx(0.6**length, abs=0.03)


def test_the_final_size_on_a_regular_random_graph_is_that_of_percolation() -> None:
    nodes, degree, chance = 4000, 4, 0.5
    rows = rows_of(nodes, matched(np.full(nodes, degree), open_stream(3, 0)))
    sizes = np.array([np.isfinite(cascade(rows, run, chance)[0]).mean() for run in range(60)])
    u = 0.5
    for _ in range(200):
        u = 1.0 - chance + chance * u ** (degree - 1)
    assert sizes[sizes > 0.1].mean() == pytest.approx(1.0 - u**degree, abs=0.015)


def test_nothing_happens_after_the_look() -> None:
    infection, _ = cascade(LINE, 0, 1.0, horizon=3.0)
    assert infection[:4].tolist() == [0, 1, 2, 3]
    assert np.isinf(infection[4:]).all()


def test_probabilities_that_differ_have_the_same_mean() -> None:
    pair = rows_of(2, np.array([[0, 1]], dtype=np.int32))
    reached = [np.isfinite(cascade(pair, run, 0.2, variation=0.5)[0][1]) for run in range(6000)]
    assert np.mean(reached) == pytest.approx(0.2, abs=0.02)


def threshold(rows, run: int, influence: float):
    infection = np.empty(len(rows[0]) - 1)
    linear_threshold(*rows, ORIGIN, math.inf, influence, 10**9, open_stream(5, run), infection)
    return infection


def test_whoever_counts_for_enough_is_followed_in_the_next_step() -> None:
    # inside a line one of two neighbours counts one half, twice that is at least any threshold
    assert threshold(LINE, 0, 2.0).tolist() == list(range(8))


def test_one_neighbour_of_several_is_followed_as_often_as_its_share() -> None:
    # node 1 has node 0 and three leaves
    rows = rows_of(5, np.array([[0, 1], [1, 2], [1, 3], [1, 4]], dtype=np.int32))
    followed = [np.isfinite(threshold(rows, run, 1.0)[1]) for run in range(4000)]
    assert np.mean(followed) == pytest.approx(0.25, abs=0.02)
