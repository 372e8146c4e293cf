"""Undirected graphs in compressed sparse rows: each tie in both of its rows, no tie twice, none to itself.

``neighbours[offsets[v]:offsets[v + 1]]`` are the neighbours of node *v*, in ascending order.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Rows = tuple[NDArray[np.int64], NDArray[np.int32]]


@njit(cache=True, nogil=True)
def rows_of(nodes: int, ties: np.ndarray) -> Rows:
    """Offsets (node + 1,) and neighbours (2 · tie,) of the distinct ties among ``ties`` (tie, 2); loops are dropped.

    Two passes of a counting sort, by the far end and by the near one: linear in the number of ties.
    """
    count = np.zeros(nodes + 1, dtype=np.int64)
    for at in range(ties.shape[0]):
        if ties[at, 0] != ties[at, 1]:
            count[ties[at, 0] + 1] += 1
            count[ties[at, 1] + 1] += 1
    for node in range(nodes):
        count[node + 1] += count[node]
    place = count.copy()
    first = np.empty(count[nodes], dtype=np.int32)
    for at in range(ties.shape[0]):
        one, other = ties[at, 0], ties[at, 1]
        if one != other:
            first[place[one]] = other
            place[one] += 1
            first[place[other]] = one
            place[other] += 1
    # the table is symmetric: walking its rows in order fills every row in ascending order
    place = count.copy()
    ordered = np.empty(count[nodes], dtype=np.int32)
    for node in range(nodes):
        for at in range(count[node], count[node + 1]):
            other = first[at]
            ordered[place[other]] = node
            place[other] += 1
    offsets = np.zeros(nodes + 1, dtype=np.int64)
    kept = 0
    for node in range(nodes):
        last = -1
        for at in range(count[node], count[node + 1]):
            if ordered[at] != last:
                last = ordered[at]
                ordered[kept] = last
                kept += 1
        offsets[node + 1] = kept
    return offsets, ordered[:kept].copy()


@njit(cache=True, nogil=True)
def mean_excess_degree(offsets: np.ndarray) -> float:
    """Mean number of further ties of a node reached along a tie, at least 1.

    The mean of degree · (degree − 1) over the mean degree; Newman, Strogatz & Watts (2001).
    """
    squares, ends = 0.0, 0.0
    for node in range(offsets.shape[0] - 1):
        degree = offsets[node + 1] - offsets[node]
        squares += degree * (degree - 1.0)
        ends += degree
    return max(squares / ends, 1.0) if ends > 0.0 else 1.0
