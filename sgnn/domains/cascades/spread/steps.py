"""Spread in steps: independent cascade and linear threshold, as of Kempe, Kleinberg & Tardos (2003)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.simulation.random import gamma, uniform


@njit(cache=True, nogil=True)
def independent_cascade(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    origins: np.ndarray,
    horizon: float,
    probability: float,
    variation: float,
    most: int,
    state: np.ndarray,
    infection: np.ndarray,
    recovery: np.ndarray,
) -> int:
    """Steps (node,) at which nodes become active, infinite where they never do, and their number.

    A node tries each neighbour once, in the step after its own, and is done (``recovery``). With a ``variation`` above
    0 the probability differs from tie to tie by a Gamma factor of mean 1. Ends at the horizon, or with more than
    ``most`` active.
    """
    nodes = offsets.shape[0] - 1
    active = np.empty(nodes, dtype=np.int32)
    for node in range(nodes):
        infection[node], recovery[node] = math.inf, math.inf
    count = _begun(origins, infection, active)
    at = 0
    while at < count and count <= most:
        node = active[at]
        at += 1
        step = infection[node] + 1.0
        recovery[node] = step
        if step > horizon:
            continue
        for slot in range(offsets[node], offsets[node + 1]):
            other = neighbours[slot]
            if infection[other] < math.inf:
                continue
            own = probability
            if variation > 0.0:
                shape = 1.0 / (variation * variation)
                own = probability * gamma(state, shape) / shape
            if uniform(state) < own:
                infection[other] = step
                active[count] = other
                count += 1
    return count


@njit(cache=True, nogil=True)
def linear_threshold(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    origins: np.ndarray,
    horizon: float,
    influence: float,
    most: int,
    state: np.ndarray,
    infection: np.ndarray,
) -> int:
    """Steps (node,) at which nodes become active, infinite where they never do, and their number.

    A node follows as soon as ``influence`` times the share of its active neighbours reaches its own threshold, uniform
    between 0 and 1; at an influence of 1 the model of Granovetter (1978) with even weights.
    """
    nodes = offsets.shape[0] - 1
    active = np.empty(nodes, dtype=np.int32)
    threshold, weight = np.empty(nodes), np.zeros(nodes)
    for node in range(nodes):
        infection[node] = math.inf
        threshold[node] = uniform(state)
    count = _begun(origins, infection, active)
    at = 0
    while at < count and count <= most:
        node = active[at]
        at += 1
        step = infection[node] + 1.0
        if step > horizon:
            continue
        for slot in range(offsets[node], offsets[node + 1]):
            other = neighbours[slot]
            if infection[other] < math.inf:
                continue
            weight[other] += influence / (offsets[other + 1] - offsets[other])
            if weight[other] >= threshold[other]:
                infection[other] = step
                active[count] = other
                count += 1
    return count


@njit(cache=True, nogil=True)
def _begun(origins: np.ndarray, infection: np.ndarray, active: np.ndarray) -> int:
    """Make the origins active in step 0; how many there are."""
    count = 0
    for origin in origins:
        if infection[origin] == math.inf:
            infection[origin] = 0.0
            active[count] = origin
            count += 1
    return count
