"""Baselines: each is what its formula says, on graphs small enough to count."""

from __future__ import annotations

import math

import networkx
import numpy as np
import pytest

from sgnn.domains.cascades.baselines import centralities
from sgnn.domains.cascades.baselines.dynamic_messages import dynamic_messages
from sgnn.domains.cascades.baselines.soft_margin import soft_margin
from sgnn.domains.cascades.exact.enumeration import chances
from sgnn.domains.cascades.graphs.families import FAMILIES, random_graph
from sgnn.domains.cascades.graphs.rows import rows_of
from sgnn.domains.cascades.snapshots import Seen
from sgnn.domains.cascades.source.candidates import candidate_scores
from sgnn.domains.cascades.source.columns import COLUMNS


def seen_of(rows, degree=None, time=None) -> Seen:
    offsets, neighbours = rows
    nodes = len(offsets) - 1
    inside = np.diff(offsets)
    degree = inside if degree is None else np.asarray(degree)
    time = np.full(nodes, np.nan) if time is None else np.asarray(time)
    known, scores = np.ones(nodes, np.int8), np.zeros((nodes, COLUMNS))
    candidate_scores(offsets, neighbours, known, degree, time, scores)
    return Seen(offsets, neighbours, known, degree, degree - inside, time, scores, np.arange(nodes) == 0)


@pytest.fixture
def graph():
    return random_graph(FAMILIES.index("affiliation"), 40, 8.0, 0.9, 1, 1)


def test_centralities_put_the_nodes_in_the_order_of_networkx(graph) -> None:
    offsets, neighbours = graph
    theirs = networkx.Graph((v, int(w)) for v in range(40) for w in neighbours[offsets[v] : offsets[v + 1]])
    theirs.add_nodes_from(range(40))
    whole = max(networkx.connected_components(theirs), key=len)
    assert len(whole) == 40
    seen = seen_of(graph)
    close = networkx.closeness_centrality(theirs)
    np.testing.assert_allclose(-1.0 / centralities.closeness(seen) * 39 / 40, [close[v] for v in range(40)])
    assert (-centralities.jordan(seen)).tolist() == [networkx.eccentricity(theirs)[v] for v in range(40)]
    np.testing.assert_allclose(np.expm1(centralities.degree(seen)), np.diff(offsets))


def test_the_earliest_told_is_first_and_who_is_not_told_last() -> None:
    rows = rows_of(4, np.array([[0, 1], [1, 2], [2, 3]], dtype=np.int32))
    order = centralities.earliest(seen_of(rows, time=[3.0, np.nan, 1.0, 2.0])).argsort()
    assert order.tolist() == [1, 0, 3, 2]
    assert not centralities.earliest(seen_of(rows)).any()


def test_netsleuth_is_the_mode_that_decays_slowest_of_the_infected() -> None:
    # a line of three with ties outside at one end: the mode leans to the other
    rows = rows_of(3, np.array([[0, 1], [1, 2]], dtype=np.int32))
    matrix = np.array([[1.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 3.0]])
    vector = np.abs(np.linalg.eigh(matrix)[1][:, 0])
    np.testing.assert_allclose(np.exp(centralities.netsleuth(seen_of(rows, degree=[1, 2, 3]))), vector)
    assert centralities.netsleuth(seen_of(rows, degree=[1, 2, 3])).argmax() == 0


def test_on_a_tree_messages_give_every_node_its_exact_chance() -> None:
    # of SI from the end of a pair: the other is infected by t with chance 1 - exp(-rate t)
    rows = rows_of(2, np.array([[0, 1]], dtype=np.int32))
    found = dynamic_messages(seen_of(rows, degree=[1, 3]), 0.8, 0.0, 1.5)
    infected = math.log(1.0 - math.exp(-0.8 * 1.5))
    # from node 0 its two ties outside are those of node 1, which wait for it
    assert found[1] == pytest.approx(infected - 2 * 0.8 * 1.5, rel=0.01)
    assert found[0] > infected - 2 * 0.8 * 1.5


def test_messages_put_a_star_above_its_leaves() -> None:
    rows = rows_of(6, np.array([[0, leaf] for leaf in range(1, 6)], dtype=np.int32))
    found = dynamic_messages(seen_of(rows), 0.5, 0.2, 2.0)
    assert found.argmax() == 0
    np.testing.assert_allclose(found[1:], found[1])


def test_soft_margin_is_the_share_of_runs_that_come_out_the_same_where_the_margin_is_narrow() -> None:
    rows = rows_of(5, np.array([[0, 1], [1, 2], [0, 2], [2, 3], [3, 4]], dtype=np.int32))
    who = np.array([0, 1, 2], dtype=np.int32)
    out = np.empty(3)
    soft_margin(*rows, who, 0.9, 1.0, 0.0, 20_000, 0.02, 1, 1, out)
    # a look at a fixed time is a mixture of exponential ones in no way, but the order of origins is that of chances
    exact = chances(np.array([0b110, 0b101, 0b011]), np.array([2, 2, 3]), 1.0 / 0.9)
    assert out.argsort().tolist()[0] == exact.argsort().tolist()[0] == 2
    assert np.exp(out[0]) == pytest.approx(np.exp(out[1]), rel=0.05)
