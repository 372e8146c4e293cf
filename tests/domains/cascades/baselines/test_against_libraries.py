"""Rumor centrality held against cosasi.

Its NetSleuth takes the eigenvector of the largest eigenvalue, Prakash, Vreeken & Faloutsos (2012) that of the smallest:
there is no agreement to be had.
"""

from __future__ import annotations

from importlib import import_module

import networkx
import numpy as np
import pytest

from sgnn.domains.cascades.graphs.families import FAMILIES, random_graph
from sgnn.domains.cascades.source.candidates import candidate_scores
from sgnn.domains.cascades.source.columns import COLUMNS, RUMOR


@pytest.mark.parametrize("seed", range(3))
def test_rumor_centrality_of_a_tree_is_that_of_cosasi(seed: int) -> None:
    single = import_module("cosasi.source_inference.single_source.rumor_centrality")
    offsets, neighbours = random_graph(FAMILIES.index("preferential_tree"), 15, 2.0, 0.5, 1, seed)
    scores = np.zeros((15, COLUMNS))
    candidate_scores(offsets, neighbours, np.ones(15, np.int8), np.diff(offsets), np.full(15, np.nan), scores)
    tree = networkx.Graph((v, int(w)) for v in range(15) for w in neighbours[offsets[v] : offsets[v + 1]])
    theirs = [single.rumor_centrality_root(tree, node, return_all_values=False) for node in range(15)]
    np.testing.assert_allclose(np.exp(scores[:, RUMOR]), theirs, rtol=1e-6)
