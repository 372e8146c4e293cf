"""The exact posterior: against simulation, and against rumor centrality where both are exact."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.cascades.exact.enumeration import chances, exact_posterior
from sgnn.domains.cascades.graphs.rows import rows_of
from sgnn.domains.cascades.protocols.compare import log_softmax
from sgnn.domains.cascades.protocols.exact import DURATIONS, tree_draws
from sgnn.domains.cascades.snapshots import single_snapshots
from sgnn.domains.cascades.source.columns import RUMOR
from sgnn.domains.cascades.spread.continuous import contagion
from sgnn.simulation.random import exponential, open_stream


def test_chances_of_a_set_are_those_counted_in_simulations() -> None:
    # a triangle with a tail; looked at after an exponential time, the infected are nodes 0, 1 and 2
    rows = rows_of(5, np.array([[0, 1], [1, 2], [0, 2], [2, 3], [3, 4]], dtype=np.int32))
    ties = np.array([0b110, 0b101, 0b011])
    exact = chances(ties, np.array([2, 2, 3]), 0.7)
    begun, ended = np.empty((2, 5))
    runs = 20_000
    for origin in range(3):
        hits = 0
        for run in range(runs):
            state = open_stream(origin, run)
            horizon = exponential(state) / 0.7
            first = np.array([origin], dtype=np.int32)
            contagion(*rows, first, horizon, 1.0, 0.0, 0.0, 0.0, 10, state, begun, ended)
            hits += bool(np.isfinite(begun).tolist() == [True, True, True, False, False])
        assert exact[origin] == pytest.approx(hits / runs, abs=0.012)


def test_on_a_regular_tree_it_is_rumor_centrality() -> None:
    draws = tree_draws(40)
    small = [seen for seen in single_snapshots(draws) if seen.nodes <= 14]
    assert len(small) > 3
    for seen in small:
        expected = log_softmax(seen.scores[:, RUMOR])
        np.testing.assert_allclose(exact_posterior(seen, 2.0, DURATIONS), expected, atol=1e-8)


def test_trees_are_reached_inside_and_nodes_stand_in_no_order() -> None:
    draws = tree_draws(60)
    sizes = draws["seen_nodes"]
    assert sizes.min() >= 10
    assert sizes.max() <= 40
    inside = draws["known"] > 0
    assert (draws["degree"][inside] == 3).all()
    place = draws["began"].argmax(axis=1) / sizes
    assert 0.3 < place.mean() < 0.7
