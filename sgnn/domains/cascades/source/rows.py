"""Snapshots of a batch as one graph: the rows of all, one below the other."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def joined_rows(
    nodes: np.ndarray, counts: np.ndarray, ties: np.ndarray, offsets: np.ndarray, neighbours: np.ndarray
) -> None:
    """Fill rows of the disjoint union of snapshots: ``offsets`` (all nodes + 1,), ``neighbours`` (2 · all ties,).

    ``nodes`` (draw,) is the size of each, ``counts`` (draw, node) its ties to later nodes, ``ties`` (draw, tie) their
    far ends. Neighbours stand in ascending order.
    """
    first, filled = 0, 0
    for row in range(nodes.shape[0]):
        size = nodes[row]
        for at in range(size + 1):
            offsets[first + at] = 0
        slot = 0
        for at in range(size):
            offsets[first + at + 1] += counts[row, at]
            for _ in range(counts[row, at]):
                offsets[first + ties[row, slot] + 1] += 1
                slot += 1
        offsets[first] = filled
        for at in range(size):
            offsets[first + at + 1] += offsets[first + at]
        place = offsets[first : first + size].copy()
        slot = 0
        # earlier nodes come first in each row, for a row gets its later ones when its own turn comes
        for at in range(size):
            for _ in range(counts[row, at]):
                other = ties[row, slot]
                slot += 1
                neighbours[place[other]] = first + at
                place[other] += 1
                neighbours[place[at]] = first + other
                place[at] += 1
        filled = offsets[first + size]
        first += size
