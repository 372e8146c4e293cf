"""Spread in continuous time: susceptible, exposed, infectious, recovered; and self-exciting events (Hawkes)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.spread.queue import drop_first, push
from sgnn.simulation.random import exponential, gamma, poisson, uniform


@njit(cache=True, nogil=True)
def contagion(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    origins: np.ndarray,
    horizon: float,
    rate: float,
    variation: float,
    latency_rate: float,
    recovery_rate: float,
    most: int,
    state: np.ndarray,
    infection: np.ndarray,
    recovery: np.ndarray,
) -> int:
    """Times (node,) of infection and recovery from time 0 to the horizon, infinite where there is none; the infected.

    Every tie of an infectious node transmits after an exponential time of mean 1 / rate; with a ``variation`` above 0
    rates differ from tie to tie by a Gamma factor of mean 1 and that coefficient of variation. A rate of latency or of
    recovery of 0 leaves the stage out: SI, SIR and SEIR. Exact: the earliest transmission is always done next. Ends
    when more than ``most`` are infected.
    """
    nodes = offsets.shape[0] - 1
    room = neighbours.shape[0] + origins.shape[0]
    times, who = np.empty(room), np.empty(room, dtype=np.int32)
    size, infected = 0, 0
    for node in range(nodes):
        infection[node], recovery[node] = math.inf, math.inf
    for origin in origins:
        size = push(times, who, size, 0.0, origin)
    while size > 0:
        time, node = times[0], who[0]
        size = drop_first(times, who, size)
        if time >= infection[node]:
            continue
        infection[node] = time
        infected += 1
        if infected > most:
            break
        begin = time + exponential(state) / latency_rate if latency_rate > 0.0 else time
        end = begin + exponential(state) / recovery_rate if recovery_rate > 0.0 else math.inf
        recovery[node] = end
        for at in range(offsets[node], offsets[node + 1]):
            other = neighbours[at]
            if infection[other] < math.inf:
                continue
            own = rate
            if variation > 0.0:
                shape = 1.0 / (variation * variation)
                own = max(rate * gamma(state, shape) / shape, 1e-12)
            reached = begin + exponential(state) / own
            if reached < end and reached <= horizon:
                size = push(times, who, size, reached, other)
    return infected


@njit(cache=True, nogil=True)
def excitation(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    origins: np.ndarray,
    horizon: float,
    rate: float,
    children: float,
    most: int,
    state: np.ndarray,
    infection: np.ndarray,
) -> int:
    """Times (node,) of the first event of each node of a Hawkes process, infinite where there is none; how many.

    Each event of a node excites a Poisson number, of mean ``children``, of events of each neighbour, each after an
    exponential time of mean 1 / rate; the branching form of Hawkes & Oakes (1974). Nodes have events again and again,
    unlike in a contagion. Ends when more than ``most`` nodes, or eight times as many events, have been.
    """
    nodes = offsets.shape[0] - 1
    room = 16 * most + neighbours.shape[0] + 64
    times, who = np.empty(room), np.empty(room, dtype=np.int32)
    size, reached, events = 0, 0, 0
    for node in range(nodes):
        infection[node] = math.inf
    for origin in origins:
        size = push(times, who, size, 0.0, origin)
    while size > 0 and reached <= most and events < 8 * most:
        time, node = times[0], who[0]
        size = drop_first(times, who, size)
        events += 1
        if infection[node] == math.inf:
            infection[node] = time
            reached += 1
        degree = offsets[node + 1] - offsets[node]
        # the number on all ties together is Poisson, too, and each falls on a random one
        for _ in range(poisson(state, children * degree)):
            after = time + exponential(state) / rate
            other = neighbours[offsets[node] + min(int(uniform(state) * degree), degree - 1)]
            if after <= horizon and size < room:
                size = push(times, who, size, after, other)
    return reached
