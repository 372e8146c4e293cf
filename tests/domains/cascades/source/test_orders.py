"""Likelihoods by chance orders: right on average, held against the sum over all orders."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from sgnn.domains.cascades.exact.enumeration import chances
from sgnn.domains.cascades.graphs.families import FAMILIES, random_graph
from sgnn.domains.cascades.graphs.rows import rows_of
from sgnn.domains.cascades.observation.kernel import MASKED
from sgnn.domains.cascades.source.orders import MOST, order_likelihoods, orders_of


def likelihoods(offsets, neighbours, degree, known=None, time=None, deviation=0.0):
    out = np.empty(len(degree))
    known = np.ones(len(degree), np.int8) if known is None else known
    time = np.full(len(degree), np.nan) if time is None else np.array(time)
    rows = np.asarray(offsets), np.asarray(neighbours, np.int32)
    order_likelihoods(*rows, known, np.asarray(degree), time, deviation, out)
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


def test_with_times_their_mean_is_the_sum_over_the_orders_that_fit_them() -> None:
    nodes = 6
    pairs = np.array(list(itertools.combinations(range(nodes), 2)), np.int32)
    rows, outside = rows_of(nodes, pairs), np.arange(nodes) % 3
    time = np.array([np.nan, 5.0, np.nan, 2.0, 9.0, np.nan])
    exact = np.zeros(nodes)
    for order in itertools.permutations(range(nodes)):
        chance = 1.0
        for at in range(1, nodes):
            leaving = sum(nodes - at + outside[one] for one in order[:at])
            chance *= at / leaving
        fits = (np.diff([time[one] for one in order if time[one] > 0.0]) > 0.0).all()
        exact[order[0]] += chance * fits
    estimates = []
    for turn in range(300):
        order = np.random.default_rng(turn).permutation(nodes)
        back = np.argsort(order)
        estimates.append(np.exp(likelihoods(*rows, (nodes - 1 + outside)[back], time=time[back]))[order])
    may_begin = np.array([0, 2, 3, 5])
    np.testing.assert_allclose(np.mean(estimates, axis=0)[may_begin], exact[may_begin], rtol=0.1)
    assert (exact[[1, 4]] == 0.0).all()


def test_who_was_told_to_be_later_is_less_likely_to_have_begun() -> None:
    line = (np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1]))
    told = likelihoods(*line, np.array([1, 2, 1]), time=[1.0, 2.0, 3.0])
    assert told[0] > told[1] > told[2]
    # what is so near in time may be an error of the clock
    near = likelihoods(*line, np.array([1, 2, 1]), time=[1.0, 1.1, 3.0], deviation=1.0)
    assert near[0] - near[1] < told[0] - told[1]


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
