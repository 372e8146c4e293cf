"""Random graphs: each family has the laws it is known by, and a graph depends on its seed alone."""

from __future__ import annotations

import networkx
import numpy as np
import pytest

from sgnn.domains.cascades.graphs.families import (
    FAMILIES,
    configuration,
    forest_fire,
    geometric,
    matched,
    random_graph,
)
from sgnn.domains.cascades.graphs.rows import mean_excess_degree, rows_of
from sgnn.simulation.random import open_stream


def made(family: str, nodes: int = 400, degree: float = 8.0, shape: float = 0.5, draw: int = 0):
    offsets, neighbours = random_graph(FAMILIES.index(family), nodes, degree, shape, 7, draw)
    return offsets, neighbours


def as_networkx(offsets, neighbours) -> networkx.Graph:
    graph = networkx.Graph()
    graph.add_nodes_from(range(len(offsets) - 1))
    graph.add_edges_from((v, int(w)) for v in range(len(offsets) - 1) for w in neighbours[offsets[v] : offsets[v + 1]])
    return graph


def test_rows_hold_each_tie_twice_and_none_to_itself() -> None:
    ties = np.array([[0, 1], [1, 0], [2, 2], [3, 1], [1, 3], [0, 4]], dtype=np.int32)
    offsets, neighbours = rows_of(5, ties)
    assert [neighbours[offsets[v] : offsets[v + 1]].tolist() for v in range(5)] == [[1, 4], [0, 3], [], [1], [0]]


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_are_symmetric_sorted_and_distinct(family: str) -> None:
    offsets, neighbours = made(family)
    pairs = {(v, int(w)) for v in range(400) for w in neighbours[offsets[v] : offsets[v + 1]]}
    assert len(pairs) == len(neighbours)
    assert all((w, v) in pairs and v != w for v, w in pairs)
    assert all((np.diff(neighbours[offsets[v] : offsets[v + 1]]) > 0).all() for v in range(400))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_graph_is_that_of_its_seed(family: str) -> None:
    one, again, other = (made(family, draw=draw)[1] for draw in (3, 3, 4))
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != other.tobytes()


@pytest.mark.parametrize("family", ["recursive_tree", "preferential_tree", "regular_tree"])
def test_trees_are_trees(family: str) -> None:
    assert networkx.is_tree(as_networkx(*made(family)))


@pytest.mark.parametrize("family", ["barabasi_albert", "erdos_renyi", "watts_strogatz", "stochastic_block"])
def test_the_mean_degree_is_the_one_asked_for(family: str) -> None:
    found = np.mean([len(made(family, 1000, 8.0, (draw + 0.5) / 20, draw)[1]) / 1000 for draw in range(20)])
    assert found == pytest.approx(8.0, rel=0.05)


def test_ties_of_a_random_graph_are_as_many_as_pairs_times_their_probability() -> None:
    counts = [len(made("erdos_renyi", 200, 5.0, draw=draw)[1]) / 2 for draw in range(400)]
    pairs, p = 200 * 199 / 2, 5.0 / 199
    assert np.mean(counts) == pytest.approx(pairs * p, rel=0.01)
    assert np.var(counts) == pytest.approx(pairs * p * (1 - p), rel=0.3)


def test_preferential_attachment_has_the_ties_and_the_tail_of_networkx() -> None:
    offsets, neighbours = made("barabasi_albert", 3000, 6.0)
    assert len(neighbours) == 2 * 3 * (3000 - 3)
    theirs = np.array([d for _, d in networkx.barabasi_albert_graph(3000, 3, seed=1).degree()])
    for degree in (3, 6, 12, 24):
        assert (np.diff(offsets) >= degree).mean() == pytest.approx((theirs >= degree).mean(), rel=0.25, abs=0.004)


def test_every_node_of_a_regular_tree_has_the_degree_or_is_a_leaf() -> None:
    degrees = np.diff(made("regular_tree", 766, 3.0)[0])
    # 766 nodes are a tree of degree 3 down to its eighth level, whole
    assert sorted(set(degrees.tolist())) == [1, 3]
    assert (degrees == 1).sum() == 384


def test_stubs_are_matched_to_the_degrees_asked_for() -> None:
    degrees = np.array([3, 1, 2, 2, 0, 4])
    ties = matched(degrees, open_stream(1, 2))
    assert np.bincount(ties.ravel(), minlength=6).tolist() == degrees.tolist()


def test_degrees_of_a_configuration_fall_off_as_a_power() -> None:
    ties = configuration(20_000, 6.0, 2.5, open_stream(1, 0))
    degrees = np.bincount(ties.ravel(), minlength=20_000)
    # the share of degrees above x falls as x to the power 1 - 2.5
    ratio = (degrees >= 40).mean() / (degrees >= 10).mean()
    assert ratio == pytest.approx(4.0**-1.5, rel=0.3)


def test_points_are_tied_just_where_they_are_near() -> None:
    # the mean degree is that of a disc, less what lies outside of the square
    ties = geometric(2000, 12.0, open_stream(5, 0))
    offsets, neighbours = rows_of(2000, ties)
    assert 10.0 < len(neighbours) / 2000 < 12.0
    clustering = networkx.average_clustering(as_networkx(offsets, neighbours))
    # of a plane, 1 - 3 √3 / (4 π) of two neighbours are neighbours; Dall & Christensen (2002)
    assert clustering == pytest.approx(0.5865, abs=0.04)


def test_a_fire_that_burns_more_ties_more_and_never_more_than_allowed() -> None:
    few, many = (len(forest_fire(500, burning, 20, open_stream(1, 0))) for burning in (0.1, 0.6))
    assert 499 <= few < many <= 499 * 20


def test_people_of_one_group_know_each_other() -> None:
    groups = as_networkx(*made("affiliation", 600, 12.0, 0.2))
    chance = as_networkx(*made("erdos_renyi", 600, 12.0))
    assert networkx.average_clustering(groups) > 10 * networkx.average_clustering(chance)


def test_blocks_tie_inside_more_than_between() -> None:
    communities = networkx.community.greedy_modularity_communities(
        as_networkx(*made("stochastic_block", 300, 12.0, 0.2))
    )
    assert networkx.community.modularity(as_networkx(*made("stochastic_block", 300, 12.0, 0.2)), communities) > 0.4


def test_the_excess_degree_is_that_of_a_node_reached_along_a_tie() -> None:
    star = rows_of(5, np.array([[0, 1], [0, 2], [0, 3], [0, 4]], dtype=np.int32))[0]
    # half of the ends of ties are the hub with three more, half are leaves with none
    assert mean_excess_degree(star) == pytest.approx(1.5)


def test_a_number_that_no_family_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no family"):
        random_graph(99, 10, 3.0, 0.5, 1, 1)
