"""The kernel of the snapshot: masks, false reports, unknown ties and times, and the part of the graph that matters."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.graphs.families import random_graph
from sgnn.simulation.random import normal, open_stream, uniform

UNREACHED, REPORTED, MASKED, RECOVERED = range(4)
"""What is known of a node: seen not to be reached, reported, not known, reported as over."""
NONE, RELATIVE, ABSOLUTE = range(3)
"""What times mean: there are none, they count from the first one known, or from the start."""
MASKED_STEPS = 2
"""Nodes that are not known are candidates up to so many ties from a reported one, through others not known."""


@njit(cache=True, nogil=True)
def without(offsets: np.ndarray, neighbours: np.ndarray, share: float, state: np.ndarray) -> int:
    """Remove each tie with probability ``share``, in place; the entries of ``neighbours`` that are left."""
    nodes = offsets.shape[0] - 1
    gone = np.zeros(neighbours.shape[0], dtype=np.bool_)
    place = offsets.copy()
    # rows are in ascending order: the earlier nodes that tie themselves to one come in turn
    for node in range(nodes):
        for at in range(offsets[node], offsets[node + 1]):
            other = neighbours[at]
            if other > node:
                lost = uniform(state) < share
                gone[at] = lost
                gone[place[other]] = lost
                place[other] += 1
    kept, begin = 0, 0
    for node in range(nodes):
        end = offsets[node + 1]
        for at in range(begin, end):
            if not gone[at]:
                neighbours[kept] = neighbours[at]
                kept += 1
        begin = end
        offsets[node + 1] = kept
    return kept


@njit(cache=True, nogil=True)
def report(
    infection: np.ndarray,
    recovery: np.ndarray,
    masked: float,
    false: float,
    shows_recovered: bool,
    state: np.ndarray,
    known: np.ndarray,
) -> int:
    """Fill ``known`` (node,) from what happened, infinite where it did not; how many are reported."""
    nodes, reports, reached = known.shape[0], 0, 0
    for node in range(nodes):
        known[node] = UNREACHED
        if infection[node] < math.inf:
            reached += 1
            known[node] = RECOVERED if shows_recovered and recovery[node] < math.inf else REPORTED
        if uniform(state) < masked:
            known[node] = MASKED
        reports += known[node] in (REPORTED, RECOVERED)
    chance = false * reached / max(nodes - reached, 1)
    if chance > 0.0:
        for node in range(nodes):
            if known[node] == UNREACHED and uniform(state) < chance:
                known[node] = REPORTED
                reports += 1
    return reports


@njit(cache=True, nogil=True)
def gather(offsets: np.ndarray, neighbours: np.ndarray, known: np.ndarray, place: np.ndarray, who: np.ndarray) -> int:
    """Fill ``who`` with the reported nodes and the masked ones near them, ``place`` (node,) with where each stands.

    The number of them all, which may be more than ``who`` holds; then the rest is not in it.
    """
    nodes = known.shape[0]
    count = 0
    for node in range(nodes):
        place[node] = -1
    for node in range(nodes):
        if known[node] in (REPORTED, RECOVERED):
            if count < who.shape[0]:
                who[count] = node
            place[node] = count
            count += 1
    begin = 0
    for _ in range(MASKED_STEPS):
        end = min(count, who.shape[0])
        for at in range(begin, end):
            for slot in range(offsets[who[at]], offsets[who[at] + 1]):
                other = neighbours[slot]
                if known[other] == MASKED and place[other] < 0:
                    if count < who.shape[0]:
                        who[count] = other
                    place[other] = count
                    count += 1
        begin = end
    return count


@njit(cache=True, nogil=True)
def ties_of(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    known: np.ndarray,
    place: np.ndarray,
    who: np.ndarray,
    counts: np.ndarray,
    ties: np.ndarray,
    degree: np.ndarray,
    unreached: np.ndarray,
) -> int:
    """Ties within ``who``: to nodes that stand later, row after row, ``counts`` of each row; and degrees (node,).

    The number of them all, which may be more than ``ties`` holds; then the rest is not in it.
    """
    found = 0
    for at in range(who.shape[0]):
        node = who[at]
        counts[at] = 0
        degree[at] = offsets[node + 1] - offsets[node]
        unreached[at] = 0
        for slot in range(offsets[node], offsets[node + 1]):
            other = neighbours[slot]
            unreached[at] += known[other] == UNREACHED
            if place[other] > at:
                if found < ties.shape[0]:
                    ties[found] = place[other]
                    counts[at] += 1
                found += 1
    return found


@njit(cache=True, nogil=True)
def tell_times(
    infection: np.ndarray,
    who: np.ndarray,
    known: np.ndarray,
    clock: int,
    share: float,
    noise: float,
    state: np.ndarray,
    times: np.ndarray,
) -> float:
    """Fill ``times`` (node,), NaN where not told; what was subtracted from them, NaN where there are none.

    Noise is normal, with a standard deviation of ``noise`` times that of the infection times of those reported; a false
    report has a time of one of the others.
    """
    count, total, squares = 0, 0.0, 0.0
    for node in who:
        if infection[node] < math.inf and known[node] != MASKED:
            count += 1
            total += infection[node]
            squares += infection[node] ** 2
    for at in range(who.shape[0]):
        times[at] = math.nan
    if clock == NONE or count == 0:
        return math.nan
    deviation = math.sqrt(max(squares / count - (total / count) ** 2, 0.0))
    first, last = math.inf, total / count
    for at in range(who.shape[0]):
        node = who[at]
        if known[node] == MASKED or uniform(state) >= share:
            continue
        if infection[node] < math.inf:
            last = infection[node]
        times[at] = last + (noise * deviation * normal(state) if noise > 0.0 else 0.0)
        first = min(first, times[at])
    if first == math.inf:
        return math.nan
    shift = first if clock == RELATIVE else 0.0
    for at in range(who.shape[0]):
        times[at] -= shift
    return shift


@njit(cache=True, nogil=True)
def whatever_happened(times: np.ndarray, nodes: int) -> np.ndarray:
    """Times (node,) of the nodes of a graph, infinite where nothing happened, from a padded row where that is NaN."""
    found = np.empty(nodes)
    for node in range(nodes):
        found[node] = math.inf if math.isnan(times[node]) else times[node]
    return found


@njit(cache=True, nogil=True)
def look(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    infection: np.ndarray,
    recovery: np.ndarray,
    asked: np.ndarray,
    state: np.ndarray,
    known: np.ndarray,
    who: np.ndarray,
    seen: np.ndarray,
    ties: np.ndarray,
) -> tuple[int, int, int]:
    """One snapshot that there is room for: nodes seen, ties between them, and reports; as `observe_cascades` fills.

    Where more nodes or ties than there is room for would be seen, half as many nodes are masked, and so on.
    """
    place = np.empty(known.shape[0], dtype=np.int64)
    masked = asked[0]
    while True:
        reports = report(infection, recovery, masked, asked[1], asked[6] > 0.5, state, known)
        count = gather(offsets, neighbours, known, place, who)
        inside = who[: min(count, who.shape[0])]
        found = ties_of(offsets, neighbours, known, place, inside, seen[:, 3], ties, seen[:, 1], seen[:, 2])
        if (count <= who.shape[0] and found <= ties.shape[0]) or masked == 0.0:
            return count, found, reports
        masked = masked / 2.0 if masked > 0.01 else 0.0


@njit(cache=True, nogil=True)
def observe_cascades(
    family: np.ndarray,
    nodes: np.ndarray,
    degrees: np.ndarray,
    shape: np.ndarray,
    graph_seed: np.ndarray,
    infection: np.ndarray,
    recovery: np.ndarray,
    origins: np.ndarray,
    number: np.ndarray,
    asked: np.ndarray,
    host_offsets: np.ndarray,
    host_neighbours: np.ndarray,
    key: int,
    draws: np.ndarray,
    seen: np.ndarray,
    scalars: np.ndarray,
    ties: np.ndarray,
    times: np.ndarray,
    start: np.ndarray,
) -> None:
    """Snapshots of a batch of cascades; ``infection`` and ``recovery`` (draw, node) are NaN where nothing happened.

    ``asked`` (draw, 7): share masked, share of false reports, share of ties unknown, clock, share of times told, noise,
    whether recovery shows. Fills ``seen`` (draw, node, 5): what is known, degree, neighbours unreached, ties counted,
    whether it began; ``scalars`` (draw, 4): nodes, ties, clock, reports; ``ties``, ``times``, and ``start`` on the
    clock told. Where more nodes or ties than there is room for would be seen, half as many nodes are masked.
    """
    for row in range(family.shape[0]):
        if family[row] < 0:
            offsets, neighbours = host_offsets.copy(), host_neighbours.copy()
        else:
            offsets, neighbours = random_graph(family[row], nodes[row], degrees[row], shape[row], 0, graph_seed[row])
        size = nodes[row]
        state = open_stream(key, draws[row])
        if asked[row, 2] > 0.0:
            neighbours = neighbours[: without(offsets, neighbours, asked[row, 2], state)]
        begun, over = whatever_happened(infection[row], size), whatever_happened(recovery[row], size)
        known, who = np.empty(size, dtype=np.int8), np.empty(seen.shape[1], dtype=np.int32)
        count, found, reports = look(
            offsets, neighbours, begun, over, asked[row], state, known, who, seen[row], ties[row]
        )
        inside = who[: min(count, who.shape[0])]
        clock, share, noise = int(asked[row, 3]), asked[row, 4], asked[row, 5]
        start[row] = -tell_times(begun, inside, known, clock, share, noise, state, times[row])
        scalars[row, 0], scalars[row, 1], scalars[row, 3] = count, found, reports
        scalars[row, 2] = NONE if math.isnan(start[row]) else clock
        for at in range(inside.shape[0]):
            seen[row, at, 0] = known[inside[at]]
            for one in range(number[row]):
                if origins[row, one] == inside[at]:
                    seen[row, at, 4] = 1
