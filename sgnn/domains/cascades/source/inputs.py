"""What the network is given of a snapshot: features of every node and of the whole, none of which knows its size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sgnn.domains.cascades.source.candidates import candidate_scores
from sgnn.domains.cascades.source.columns import COLUMNS
from sgnn.domains.cascades.source.graph_features import GRAPH_FEATURES, fill_graph
from sgnn.domains.cascades.source.node_features import NODE_FEATURES, fill_nodes
from sgnn.domains.cascades.source.rows import joined_rows

SEEN = ("seen_nodes", "seen_ties", "clock", "known", "degree", "unreached", "tie_counts", "ties", "time", "graph_nodes")
"""Variables of a snapshot that are looked at."""


def snapshot_inputs(draws: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Features and the joined graph of some snapshots, from the arrays (draw, …) named by `SEEN`.

    ``nodes`` (node, feature) and ``graphs`` (draw, feature); ``owner`` (node,) the draw of each node; ``offsets`` and
    ``neighbours`` the rows of all graphs together; ``scores`` (node, column) of `candidate_scores`.
    """
    sizes = draws["seen_nodes"].astype(np.int64)
    total = int(sizes.sum())
    offsets = np.zeros(total + 1, dtype=np.int64)
    neighbours = np.empty(2 * int(draws["seen_ties"].astype(np.int64).sum()), dtype=np.int32)
    joined_rows(sizes, draws["tie_counts"], draws["ties"], offsets, neighbours)
    inside = np.arange(draws["known"].shape[1]) < sizes[:, None]
    known, degree, unreached, time = (draws[name][inside] for name in ("known", "degree", "unreached", "time"))
    nodes = np.zeros((total, NODE_FEATURES), dtype=np.float32)
    graphs = np.zeros((len(sizes), GRAPH_FEATURES), dtype=np.float32)
    scores = np.zeros((total, COLUMNS))
    fill_features(
        sizes,
        offsets,
        neighbours,
        known,
        degree.astype(np.int64),
        unreached.astype(np.int64),
        time.astype(np.float64),
        draws["clock"].astype(np.int64),
        draws["graph_nodes"].astype(np.int64),
        scores,
        nodes,
        graphs,
    )
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return {
        "nodes": nodes,
        "graphs": graphs,
        "owner": owner,
        "offsets": offsets.astype(np.int32),
        "neighbours": neighbours,
        "scores": scores,
    }


@njit(cache=True, nogil=True)
def fill_features(
    sizes: np.ndarray,
    offsets: np.ndarray,
    neighbours: np.ndarray,
    known: np.ndarray,
    degree: np.ndarray,
    unreached: np.ndarray,
    time: np.ndarray,
    clock: np.ndarray,
    whole: np.ndarray,
    scores: np.ndarray,
    nodes: np.ndarray,
    graphs: np.ndarray,
) -> None:
    """Fill ``scores``, ``nodes`` and ``graphs``; all arrays of nodes are those of all snapshots together."""
    first = 0
    for row in range(sizes.shape[0]):
        size = sizes[row]
        end = first + size
        part = scores[first:end]
        rows = offsets[first : end + 1] - offsets[first]
        inside = neighbours[offsets[first] : offsets[end]] - first
        candidate_scores(rows, inside, known[first:end], degree[first:end], time[first:end], part)
        fill_graph(
            size,
            offsets[end] - offsets[first],
            known[first:end],
            degree[first:end],
            time[first:end],
            clock[row],
            whole[row],
            part,
            graphs[row],
        )
        fill_nodes(
            rows,
            inside,
            known[first:end],
            degree[first:end],
            unreached[first:end],
            time[first:end],
            clock[row],
            part,
            nodes[first:end],
        )
        first = end
