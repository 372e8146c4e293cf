"""Likelihoods by chance orders: right on average, held against the sum over all orders."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgnn.domains.cascades.exact.enumeration import chances
from sgnn.domains.cascades.graphs.families import FAMILIES, random_graph
from sgnn.domains.cascades.graphs.rows import rows_of
from sgnn.domains.cascades.observation.kernel import MASKED
from sgnn.domains.cascades.source.orders import MOST, order_likelihoods, orders_of


def likelihoods(offsets, neighbours, degree, known=None):
    out = np.empty(len(degree))
    known = np.ones(len(degree), np.int8) if known is None else known
    order_likelihoods(np.asarray(offsets), np.asarray(neighbours, np.int32), known, np.asarray(degree), out)
    return out


@pytest.mark.parametrize("family", ["erdos_renyi", "recursive_tree"])
def test_their_mean_is_the_sum_over_all_orders(family: str) -> None:
    offsets, neighbours = random_graph(FAMILIES.index(family), 8, 4.0, 0.5, 1, 3)
    degree = np.diff(offsets) + np.arange(8) % 3
    bits = [sum(1 << int(other) for other in neighbours[offsets[v] : offsets[v + 1]]) for v in range(8)]
    rare = 1e-9
    # who looks that rarely finds all reached first; then it takes a look before another tie transmits
    exact = chances(np.array(bits), degree, rare) * (rare + (np.arange(8) % 3).sum()) / rare
    estimates = []
    for turn in range(150):
        order = np.random.default_rng(turn).permutation(8)
        ties = [(order[v], order[w]) for v in range(8) for w in neighbours[offsets[v] : offsets[v + 1]]]
        moved = np.empty(8, np.int64)
        moved[order] = degree
        estimates.append(np.exp(likelihoods(*rows_of(8, np.array(ties, np.int32)), moved))[order])
    np.testing.assert_allclose(np.mean(estimates, axis=0), exact, rtol=0.1)


def test_what_is_not_known_may_be_passed_through_and_what_is_out_of_reach_costs() -> None:
    line = (np.array([0, 1, 3, 4, 4]), np.array([1, 0, 2, 1]))
    known = np.array([1, MASKED, 1, 1], np.int8)
    assert likelihoods(*line, np.array([1, 2, 1, 5]), known)[0] == pytest.approx(-3.0)
    assert likelihoods(*line, np.array([2, 2, 1, 5]), known)[0] == pytest.approx(math.log(1 / 2) + math.log(1 / 2) - 3)


def test_large_snapshots_have_no_orders() -> None:
    assert orders_of(10, 20) == MOST
    assert orders_of(3_000, 20_000) == 0
    rows = random_graph(FAMILIES.index("erdos_renyi"), 1_000, 4.0, 0.5, 1, 3)
    assert not likelihoods(*rows, np.diff(rows[0])).any()
