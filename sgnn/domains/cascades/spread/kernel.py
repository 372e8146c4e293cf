"""One cascade and batches of them: a graph, its origins, a time at which it is looked at, and who has been reached."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.graphs.families import random_graph
from sgnn.domains.cascades.graphs.rows import mean_excess_degree
from sgnn.domains.cascades.spread.continuous import contagion, excitation
from sgnn.domains.cascades.spread.steps import independent_cascade, linear_threshold
from sgnn.simulation.random import exponential, open_stream, uniform

SI, SIR, SEIR, INDEPENDENT, THRESHOLD, HAWKES = range(6)
TRIES = 60
"""Cascades tried on a graph before it is given up as one on which none reaches the least size."""
MOST_ORIGINS = 3
_MOST_PROBABILITY = 0.95


@njit(cache=True, nogil=True)
def choose_origins(nodes: int, number: int, state: np.ndarray, origins: np.ndarray) -> None:
    """Fill ``origins[:number]`` with distinct nodes, each equally likely."""
    for at in range(number):
        fresh = False
        while not fresh:
            origins[at] = min(int(uniform(state) * nodes), nodes - 1)
            fresh = True
            for earlier in range(at):
                if origins[earlier] == origins[at]:
                    fresh = False


@njit(cache=True, nogil=True)
def spread(
    model: int,
    offsets: np.ndarray,
    neighbours: np.ndarray,
    excess: float,
    origins: np.ndarray,
    law: np.ndarray,
    most: int,
    state: np.ndarray,
    infection: np.ndarray,
    recovery: np.ndarray,
) -> tuple[int, float]:
    """One cascade: the nodes reached, at most one above ``most``, and the time at which it is looked at.

    ``law`` has the mean of the exponential duration, rate, reproduction, variation and latency. The duration is counted
    in generations, one of which takes 1 / (rate · excess) by a contagion, 1 / rate by events that excite each other, a
    step otherwise; it is drawn without looking at the origins. The reproduction is the number that one node infects
    where nobody else is (the influence, for thresholds), the latency the time before infectiousness in generations.
    """
    nodes = offsets.shape[0] - 1
    mean, rate, reproduction, variation, latency = law[0], law[1], law[2], law[3], law[4]
    duration = mean * exponential(state)
    pace = rate * excess
    if model <= SEIR:
        probability = min(reproduction / excess, _MOST_PROBABILITY)
        leaving = 0.0 if model == SI else rate * (1.0 - probability) / probability
        waiting = pace / latency if model == SEIR else 0.0
        horizon = duration * (1.0 + (latency if model == SEIR else 0.0)) / pace
        reached = contagion(
            offsets, neighbours, origins, horizon, rate, variation, waiting, leaving, most, state, infection, recovery
        )
        return reached, horizon
    if model == INDEPENDENT:
        horizon = math.ceil(duration)
        probability = min(reproduction / excess, _MOST_PROBABILITY)
        reached = independent_cascade(
            offsets, neighbours, origins, horizon, probability, variation, most, state, infection, recovery
        )
        return reached, horizon
    for node in range(nodes):
        recovery[node] = math.inf
    if model == THRESHOLD:
        horizon = math.ceil(duration)
        return linear_threshold(offsets, neighbours, origins, horizon, reproduction, most, state, infection), horizon
    horizon = duration / rate
    reached = excitation(offsets, neighbours, origins, horizon, rate, reproduction / excess, most, state, infection)
    return reached, horizon


@njit(cache=True, nogil=True)
def spread_enough(
    model: int,
    offsets: np.ndarray,
    neighbours: np.ndarray,
    origins: np.ndarray,
    law: np.ndarray,
    least: int,
    most: int,
    state: np.ndarray,
    infection: np.ndarray,
    recovery: np.ndarray,
) -> tuple[int, float]:
    """A cascade tried until between ``least`` and ``most`` nodes are reached: how many, 0 if none did, and its look."""
    excess = mean_excess_degree(offsets)
    count, horizon = 0, 0.0
    for _ in range(TRIES):
        choose_origins(infection.shape[0], origins.shape[0], state, origins)
        count, horizon = spread(model, offsets, neighbours, excess, origins, law, most, state, infection, recovery)
        if least <= count <= most:
            return count, horizon
    return 0, horizon


@njit(cache=True, nogil=True)
def simulate_cascades(
    model: int,
    family: np.ndarray,
    nodes: np.ndarray,
    degree: np.ndarray,
    shape: np.ndarray,
    graph_seed: np.ndarray,
    number: np.ndarray,
    law: np.ndarray,
    least: int,
    most: int,
    host_offsets: np.ndarray,
    host_neighbours: np.ndarray,
    key: int,
    draws: np.ndarray,
    origins: np.ndarray,
    infection: np.ndarray,
    recovery: np.ndarray,
    reached: np.ndarray,
    looked: np.ndarray,
) -> None:
    """Cascades of a batch by ``law`` (draw, 5), as of `spread`: fills the last five, NaN where nothing happened.

    Each is on a graph of its own, or all on the host where that has nodes; ``family`` does not count there.
    Origins, spread and time are drawn anew on the same graph until between ``least`` and ``most`` nodes are reached, so
    that all that is kept is a draw of the prior given that it reached so many.
    """
    for row in range(family.shape[0]):
        if host_offsets.shape[0] > 1:
            offsets, neighbours = host_offsets, host_neighbours
        else:
            offsets, neighbours = random_graph(family[row], nodes[row], degree[row], shape[row], 0, graph_seed[row])
        state = open_stream(key, draws[row])
        size = nodes[row]
        begun, ended = np.empty(size), np.empty(size)
        mine = origins[row, : number[row]]
        reached[row], looked[row] = spread_enough(
            model, offsets, neighbours, mine, law[row], least, most, state, begun, ended
        )
        for node in range(size):
            if begun[node] < math.inf:
                infection[row, node] = begun[node]
                if ended[node] <= looked[row]:
                    recovery[row, node] = ended[node]
