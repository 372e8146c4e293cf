"""Scores of candidates: against networkx, and against rumor centrality counted by hand."""

from __future__ import annotations

import itertools
import math

import networkx
import numpy as np
import pytest

from sgnn.domains.cascades.graphs.families import FAMILIES, random_graph
from sgnn.domains.cascades.source import columns as of
from sgnn.domains.cascades.source.candidates import candidate_scores


def scored(offsets, neighbours, known=None, degree=None, time=None):
    nodes = len(offsets) - 1
    out = np.zeros((nodes, of.COLUMNS))
    known = np.ones(nodes, np.int8) if known is None else known
    degree = np.diff(offsets) if degree is None else degree
    time = np.full(nodes, np.nan) if time is None else time
    candidate_scores(offsets, neighbours.astype(np.int32), known, degree.astype(np.int64), time, out)
    return out


def as_networkx(offsets, neighbours) -> networkx.Graph:
    graph = networkx.Graph(
        (v, int(w)) for v in range(len(offsets) - 1) for w in neighbours[offsets[v] : offsets[v + 1]]
    )
    graph.add_nodes_from(range(len(offsets) - 1))
    return graph


def orders(graph: networkx.Graph, source: int) -> int:
    """Orders in which a tree can be filled from a node, each next to what is filled: counted one by one."""
    others = [node for node in graph if node != source]
    count = 0
    for order in itertools.permutations(others):
        filled = {source}
        for node in order:
            if not filled & set(graph[node]):
                break
            filled.add(node)
        count += len(filled) == len(graph)
    return count


def test_rumor_centrality_of_a_tree_counts_the_orders_of_infection() -> None:
    offsets, neighbours = random_graph(FAMILIES.index("recursive_tree"), 7, 2.0, 0.5, 1, 4)
    graph = as_networkx(offsets, neighbours)
    assert scored(offsets, neighbours)[:, of.RUMOR] == pytest.approx([math.log(orders(graph, v)) for v in range(7)])


def test_distances_are_those_of_networkx() -> None:
    offsets, neighbours = random_graph(FAMILIES.index("watts_strogatz"), 60, 4.0, 0.5, 1, 0)
    graph, found = as_networkx(offsets, neighbours), scored(offsets, neighbours)
    if not networkx.is_connected(graph):
        pytest.fail("the graph of this seed is connected")
    closeness = networkx.closeness_centrality(graph)
    mean = found[:, of.MEAN_DISTANCE] * 60 / 59
    assert 1.0 / mean == pytest.approx([closeness[v] for v in range(60)])
    eccentricity = networkx.eccentricity(graph)
    assert found[:, of.ECCENTRICITY].tolist() == [eccentricity[v] for v in range(60)]


def test_nodes_not_known_carry_distance_but_are_not_counted() -> None:
    line = (np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1]))
    found = scored(*line, known=np.array([1, 2, 1], np.int8))
    assert found[0, of.MEAN_DISTANCE] == 1.0
    assert found[1, of.MEAN_DISTANCE] == 1.0
    assert found[:, of.NEAR].tolist() == [0.0, 1.0, 0.0]


def test_the_probability_of_an_order_is_that_of_the_embedded_chain() -> None:
    # a line of three with one more tie outside at each end: from the end 1 / 2 · 1 / 2, from the middle 1 / 2 · 1 / 2
    line = (np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1]))
    found = scored(*line, degree=np.array([2, 2, 2]))
    assert np.exp(found[:, of.ORDER]) == pytest.approx([0.25, 0.25, 0.25])
    assert np.exp(found[:, of.RUMOR]) == pytest.approx([1.0, 2.0, 1.0])


def test_times_that_grow_with_distance_fit_the_true_source_best() -> None:
    offsets, neighbours = random_graph(FAMILIES.index("recursive_tree"), 40, 2.0, 0.5, 1, 0)
    away = networkx.single_source_shortest_path_length(as_networkx(offsets, neighbours), 11)
    found = scored(offsets, neighbours, time=np.array([2.0 + 3.0 * away[v] for v in range(40)]))
    assert found[11, of.RESIDUAL] == pytest.approx(0.0, abs=1e-6)
    assert found[11, of.CORRELATION] == pytest.approx(1.0)
    assert found[:, of.RESIDUAL].argmin() == 11
    assert found[11, of.EARLIEST] == 0.0


def test_nodes_that_cannot_be_reached_are_told() -> None:
    offsets, neighbours = np.array([0, 1, 2, 2]), np.array([1, 0])
    assert scored(offsets, neighbours)[:, of.UNREACHABLE] == pytest.approx([1 / 3, 1 / 3, 2 / 3])
