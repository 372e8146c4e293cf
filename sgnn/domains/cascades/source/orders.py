"""How likely each node is to have reached just those who are reported, and in the order told, by chance orders.

Under SI with equal rates the next node is reached along one of the ties that leave the infected, each as likely as any
other. So the likelihood of a set is the sum over orders of the product of their steps' probabilities. Orders are drawn
by the same chain kept within what is seen, whose weight is the product of the shares of ties that stay within it: the
mean weight is an unbiased estimate of the likelihood, importance sampling as in Kahn & Marshall (1953). Where times are
told, who was told to be later is not reached before, so that it is the likelihood of that order as well.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.observation.kernel import MASKED
from sgnn.simulation.random import open_stream, uniform

STEPS, MOST = 150_000, 8
"""Ties that may be walked for all orders of a snapshot, and orders from each node at most: large ones have none."""
_MISSED, _EARLY, _LOOSE = -3.0, -2.0, 0.15
_SMALL = 1e-200
_KEY = 1953


@njit(cache=True, nogil=True)
def orders_of(nodes: int, ends: int) -> int:
    """Orders that are drawn from each node of a snapshot with so many nodes and ends of ties."""
    return min(STEPS // max(nodes * (nodes + ends), 1), MOST)


@njit(cache=True, nogil=True)
def order_likelihoods(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    known: np.ndarray,
    degree: np.ndarray,
    time: np.ndarray,
    deviation: float,
    out: np.ndarray,
) -> None:
    """Fill ``out`` (node,) with log likelihoods of one snapshot; 0 where it is too large for any order.

    Nodes of which nothing is known may be reached on the way. A report that no order comes to costs three nats, as
    ties may be missing and reports be wrong; to be reached before one who is told to be earlier costs two. Times
    (node,), NaN where not told, have a standard ``deviation``, a part of which does not count: they may be noisy.
    """
    nodes = known.shape[0]
    number = orders_of(nodes, neighbours.shape[0])
    out[:] = 0.0
    if number == 0:
        return
    reports = 0
    for node in range(nodes):
        reports += known[node] != MASKED
    turn, place, opened = _turns(time, _LOOSE * deviation)
    state = open_stream(_KEY, nodes)
    reached, ties_in = np.empty(nodes, dtype=np.bool_), np.empty(nodes, dtype=np.int64)
    leading = np.empty(neighbours.shape[0] + 1, dtype=np.int64)
    for source in range(nodes):
        best, total = -math.inf, 0.0
        for _ in range(number):
            weight = _order_weight(
                offsets,
                neighbours,
                known,
                degree,
                turn,
                place,
                opened,
                source,
                reports,
                state,
                reached,
                ties_in,
                leading,
            )
            if weight > best:
                total = total * math.exp(best - weight) + 1.0
                best = weight
            else:
                total += math.exp(weight - best)
        out[source] = best + math.log(total / number)


@njit(cache=True, nogil=True)
def _turns(time: np.ndarray, loose: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes (told,) by time; the place (node,) of each among them, -1 where not told; and ``opened`` (told + 1,).

    As long as the one at place *p* is not reached, only those before place ``opened[p]`` may be.
    """
    turn = np.argsort(time)[: (~np.isnan(time)).sum()]
    place = np.full(time.shape[0], -1, dtype=np.int64)
    opened = np.empty(turn.shape[0] + 1, dtype=np.int64)
    last = 0
    for at in range(turn.shape[0]):
        place[turn[at]] = at
        while last < turn.shape[0] and time[turn[last]] <= time[turn[at]] + loose:
            last += 1
        opened[at] = last
    opened[turn.shape[0]] = turn.shape[0]
    return turn, place, opened


@njit(cache=True, nogil=True)
def _order_weight(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    known: np.ndarray,
    degree: np.ndarray,
    turn: np.ndarray,
    place: np.ndarray,
    opened: np.ndarray,
    source: int,
    reports: int,
    state: np.ndarray,
    reached: np.ndarray,
    ties_in: np.ndarray,
    leading: np.ndarray,
) -> float:
    """Log weight of one order from ``source``; the last three arrays are room to work in.

    ``leading`` holds the far end of each tie from a node that is reached to one that may be; those since reached are
    dropped when drawn.
    """
    reached[:] = False
    ties_in[:] = 0
    held, inside, leaving, left = 0, 0, 0.0, reports
    weight, product = 0.0, 1.0
    due, may = 0, opened[0]
    weight += _EARLY * max(place[source] + 1 - may, 0)
    node = source
    while True:
        reached[node] = True
        left -= known[node] != MASKED
        if place[node] < may:
            inside -= ties_in[node]
        leaving += degree[node] - 2.0 * ties_in[node]
        for slot in range(offsets[node], offsets[node + 1]):
            other = neighbours[slot]
            if not reached[other]:
                ties_in[other] += 1
                if place[other] < may:
                    leading[held] = other
                    held += 1
                    inside += 1
        while due < turn.shape[0] and reached[turn[due]]:
            due += 1
        for at in range(may, opened[due]):
            other = turn[at]
            if not reached[other]:
                leading[held : held + ties_in[other]] = other
                held += ties_in[other]
                inside += ties_in[other]
        may = max(may, opened[due])
        if left == 0:
            return weight + math.log(product)
        if inside == 0:
            node = _earliest_next(turn, may, reached, ties_in)
            if node < 0:
                return weight + math.log(product) + _MISSED * left
            weight += _EARLY
            continue
        product *= inside / max(leaving, 1.0)
        if product < _SMALL:
            weight += math.log(product)
            product = 1.0
        while reached[node]:
            chosen = int(uniform(state) * held)
            node = leading[chosen]
            held -= 1
            leading[chosen] = leading[held]


@njit(cache=True, nogil=True)
def _earliest_next(turn: np.ndarray, may: int, reached: np.ndarray, ties_in: np.ndarray) -> int:
    """Of those who may not be reached yet, the earliest that a tie leads to; -1 for none."""
    for at in range(may, turn.shape[0]):
        if not reached[turn[at]] and ties_in[turn[at]] > 0:
            return int(turn[at])
    return -1
