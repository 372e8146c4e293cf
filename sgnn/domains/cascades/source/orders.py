"""How likely each node is to have reached just those who are reported, by chance orders in which it may have gone.

Under SI with equal rates the next node is reached along one of the ties that leave the infected, each as likely as any
other. So the likelihood of a set is the sum over orders of the product of their steps' probabilities. Orders are drawn
by the same chain kept within what is seen, whose weight is the product of the shares of ties that stay within it: the
mean weight is an unbiased estimate of the likelihood, importance sampling as in Kahn & Marshall (1953).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.observation.kernel import MASKED
from sgnn.simulation.random import open_stream, uniform

STEPS, MOST = 150_000, 8
"""Ties that may be walked for all orders of a snapshot, and orders from each node at most: large ones have none."""
_MISSED = -3.0
_SMALL = 1e-200
_KEY = 1953


@njit(cache=True, nogil=True)
def orders_of(nodes: int, ends: int) -> int:
    """Orders that are drawn from each node of a snapshot with so many nodes and ends of ties."""
    return min(STEPS // max(nodes * (nodes + ends), 1), MOST)


@njit(cache=True, nogil=True)
def order_likelihoods(
    offsets: np.ndarray, neighbours: np.ndarray, known: np.ndarray, degree: np.ndarray, out: np.ndarray
) -> None:
    """Fill ``out`` (node,) with log likelihoods of one snapshot; 0 where it is too large for any order.

    Nodes of which nothing is known may be reached on the way. A report that no order comes to costs three nats, as
    ties may be missing and reports be wrong.
    """
    nodes = known.shape[0]
    number = orders_of(nodes, neighbours.shape[0])
    out[:] = 0.0
    if number == 0:
        return
    reports = 0
    for node in range(nodes):
        reports += known[node] != MASKED
    state = open_stream(_KEY, nodes)
    reached, ties_in = np.empty(nodes, dtype=np.bool_), np.empty(nodes, dtype=np.int64)
    leading = np.empty(neighbours.shape[0] + 1, dtype=np.int64)
    for source in range(nodes):
        best, total = -math.inf, 0.0
        for _ in range(number):
            weight = _order_weight(
                offsets, neighbours, known, degree, source, reports, state, reached, ties_in, leading
            )
            if weight > best:
                total = total * math.exp(best - weight) + 1.0
                best = weight
            else:
                total += math.exp(weight - best)
        out[source] = best + math.log(total / number)


@njit(cache=True, nogil=True)
def _order_weight(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    known: np.ndarray,
    degree: np.ndarray,
    source: int,
    reports: int,
    state: np.ndarray,
    reached: np.ndarray,
    ties_in: np.ndarray,
    leading: np.ndarray,
) -> float:
    """Log weight of one order from ``source``; the last three arrays are room to work in.

    ``leading`` holds the far end of each tie from a node that is reached; those since reached are dropped when drawn.
    """
    reached[:] = False
    ties_in[:] = 0
    held, inside, leaving, left = 0, 0, 0.0, reports
    weight, product = 0.0, 1.0
    node = source
    while True:
        reached[node] = True
        left -= known[node] != MASKED
        inside -= ties_in[node]
        leaving += degree[node] - 2.0 * ties_in[node]
        for slot in range(offsets[node], offsets[node + 1]):
            other = neighbours[slot]
            if not reached[other]:
                ties_in[other] += 1
                leading[held] = other
                held += 1
                inside += 1
        if left == 0 or inside == 0:
            return weight + math.log(product) + _MISSED * left
        product *= inside / max(leaving, 1.0)
        if product < _SMALL:
            weight += math.log(product)
            product = 1.0
        while reached[node]:
            chosen = int(uniform(state) * held)
            node = leading[chosen]
            held -= 1
            leading[chosen] = leading[held]
