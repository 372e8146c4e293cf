"""A queue of events in order of time: a binary heap in two arrays, for kernels."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def push(times: np.ndarray, nodes: np.ndarray, size: int, time: float, node: int) -> int:
    """Add an event; the new size. The arrays must have room for it."""
    at = size
    while at > 0 and times[(at - 1) // 2] > time:
        times[at], nodes[at] = times[(at - 1) // 2], nodes[(at - 1) // 2]
        at = (at - 1) // 2
    times[at], nodes[at] = time, node
    return size + 1


@njit(cache=True, nogil=True)
def drop_first(times: np.ndarray, nodes: np.ndarray, size: int) -> int:
    """Remove the earliest event, which stands at 0; the new size."""
    size -= 1
    time, node = times[size], nodes[size]
    at = 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and times[child + 1] < times[child]:
            child += 1
        if times[child] >= time:
            break
        times[at], nodes[at] = times[child], nodes[child]
        at = child
    times[at], nodes[at] = time, node
    return size
