"""Breadth-first search."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def breadth_first(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    source: int,
    queue: np.ndarray,
    distance: np.ndarray,
    parent: np.ndarray,
) -> int:
    """Fill ``queue`` with the nodes in reach of ``source``, in the order of the search; how many they are.

    ``distance`` (node,) is -1 out of reach; ``parent`` (node,) is that in the tree of shortest paths, -1 for the source
    and of no meaning out of reach. Rows begin at 0.
    """
    distance[:] = -1
    queue[0], distance[source], parent[source] = source, 0, -1
    size, at = 1, 0
    while at < size:
        node = queue[at]
        at += 1
        for slot in range(offsets[node], offsets[node + 1]):
            other = neighbours[slot]
            if distance[other] < 0:
                distance[other] = distance[node] + 1
                parent[other] = node
                queue[size] = other
                size += 1
    return size


@njit(cache=True, nogil=True)
def all_distances(offsets: np.ndarray, neighbours: np.ndarray, out: np.ndarray) -> None:
    """Fill distances (node, node), -1 where there is no way, by a search from every node."""
    nodes = out.shape[0]
    queue, parent = np.empty(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    for source in range(nodes):
        breadth_first(offsets, neighbours, source, queue, out[source], parent)
