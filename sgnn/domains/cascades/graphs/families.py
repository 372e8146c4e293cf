"""Families of random graphs, each made from a number of nodes, a mean degree and a shape between 0 and 1.

What the shape means is said where a family is made. A graph is a function of these and of its random stream alone, so
that a corpus keeps the seed and not the graph.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.graphs.rows import Rows, rows_of
from sgnn.simulation.random import open_stream, uniform

FAMILIES = (
    "barabasi_albert",
    "erdos_renyi",
    "watts_strogatz",
    "configuration",
    "forest_fire",
    "affiliation",
    "recursive_tree",
    "preferential_tree",
    "regular_tree",
    "stochastic_block",
    "geometric",
)
"""Names of the families; the place of a name is its number."""
_MOST_BLOCKS = 12
_MOST_STUBS_SHARE = 0.25


@njit(cache=True, nogil=True)
def _below(state: np.ndarray, bound: int) -> int:
    return min(int(uniform(state) * bound), bound - 1)


@njit(cache=True, nogil=True)
def barabasi_albert(nodes: int, links: int, state: np.ndarray) -> np.ndarray:
    """Each new node ties itself to ``links`` others with probability proportional to degree; Barabási & Albert (1999).

    Begins as a star of ``links`` + 1 nodes, as in networkx.
    """
    links = min(links, nodes - 1)
    ties = np.empty((links * (nodes - links), 2), dtype=np.int32)
    ends = np.empty(2 * ties.shape[0], dtype=np.int32)
    chosen = np.empty(links, dtype=np.int32)
    at = 0
    for node in range(links, nodes):
        for link in range(links):
            if node == links:
                chosen[link] = link
                continue
            fresh = False
            while not fresh:
                chosen[link] = ends[_below(state, 2 * at)]
                fresh = True
                for earlier in range(link):
                    if chosen[earlier] == chosen[link]:
                        fresh = False
        first = at
        for link in range(links):
            ties[first + link, 0], ties[first + link, 1] = node, chosen[link]
            ends[2 * (first + link)], ends[2 * (first + link) + 1] = node, chosen[link]
        at += links
    return ties


@njit(cache=True, nogil=True)
def erdos_renyi(nodes: int, probability: float, state: np.ndarray) -> np.ndarray:
    """Every pair is tied with the same probability; in time linear in the ties, Batagelj & Brandes (2005)."""
    expected = probability * nodes * (nodes - 1.0) / 2.0
    ties = np.empty((int(expected + 8.0 * math.sqrt(expected) + 16.0), 2), dtype=np.int32)
    if probability <= 0.0:
        return ties[:0]
    count, row, column = 0, 1, -1
    scale = math.log(max(1.0 - probability, 1e-300))
    while row < nodes and count < ties.shape[0]:
        column += 1 + int(math.log(uniform(state)) / scale)
        while column >= row and row < nodes:
            column -= row
            row += 1
        if row < nodes:
            ties[count, 0], ties[count, 1] = row, column
            count += 1
    return ties[:count]


@njit(cache=True, nogil=True)
def watts_strogatz(nodes: int, reach: int, rewired: float, state: np.ndarray) -> np.ndarray:
    """A ring tied to ``reach`` neighbours on either side, a share of whose ties is rewired; Watts & Strogatz (1998)."""
    reach = min(reach, (nodes - 1) // 2)
    ties = np.empty((nodes * reach, 2), dtype=np.int32)
    for node in range(nodes):
        for step in range(reach):
            other = (node + step + 1) % nodes
            if uniform(state) < rewired:
                other = _below(state, nodes)
            ties[node * reach + step, 0], ties[node * reach + step, 1] = node, other
    return ties


@njit(cache=True, nogil=True)
def configuration(nodes: int, degree: float, exponent: float, state: np.ndarray) -> np.ndarray:
    """Stubs of power-law degrees matched at random; loops and double ties are lost; Molloy & Reed (1995).

    Degrees follow a Pareto law of that ``exponent`` of their density, scaled to the mean, at most a quarter of nodes.
    """
    least = degree * (exponent - 2.0) / (exponent - 1.0)
    most = max(int(_MOST_STUBS_SHARE * nodes), 2)
    degrees = np.empty(nodes, dtype=np.int64)
    total = 0
    for node in range(nodes):
        drawn = least * uniform(state) ** (-1.0 / (exponent - 1.0))
        whole = int(drawn)
        if uniform(state) < drawn - whole:
            whole += 1
        degrees[node] = min(max(whole, 1), most)
        total += degrees[node]
    return matched(degrees, state)


@njit(cache=True, nogil=True)
def matched(degrees: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Ties (tie, 2) that match the stubs of given degrees (node,) at random; an odd one is left over."""
    total = 0
    for node in range(degrees.shape[0]):
        total += degrees[node]
    stubs = np.empty(total, dtype=np.int32)
    at = 0
    for node in range(degrees.shape[0]):
        for _ in range(degrees[node]):
            stubs[at] = node
            at += 1
    shuffle(stubs, state)
    return stubs[: total // 2 * 2].reshape(-1, 2)


@njit(cache=True, nogil=True)
def shuffle(values: np.ndarray, state: np.ndarray) -> None:
    """Shuffle in place; Fisher & Yates."""
    for at in range(values.shape[0] - 1, 0, -1):
        other = _below(state, at + 1)
        values[at], values[other] = values[other], values[at]


@njit(cache=True, nogil=True)
def forest_fire(nodes: int, burning: float, most: int, state: np.ndarray) -> np.ndarray:
    """A new node ties itself to a random one and to what a fire burns; Leskovec, Kleinberg & Faloutsos (2007).

    Undirected: each burnt node lights a geometric number of its ties, with mean ``burning / (1 - burning)``, and at
    most ``most`` nodes burn.
    """
    ties = np.empty((nodes * most, 2), dtype=np.int32)
    # ties of a node as a linked list, for it grows while it is read
    head = np.full(nodes, -1, dtype=np.int64)
    following = np.empty(2 * nodes * most, dtype=np.int64)
    end = np.empty(2 * nodes * most, dtype=np.int32)
    burnt = np.full(nodes, -1, dtype=np.int64)
    queue = np.empty(most, dtype=np.int32)
    count = 0
    for node in range(1, nodes):
        queue[0] = _below(state, node)
        burnt[queue[0]] = node
        size, at = 1, 0
        while at < size and size < most:
            slot = head[queue[at]]
            while slot >= 0 and size < most and uniform(state) < burning:
                # the next neighbour that does not burn yet; neighbours stand in no order that matters
                while slot >= 0 and burnt[end[slot]] == node:
                    slot = following[slot]
                if slot >= 0:
                    burnt[end[slot]] = node
                    queue[size] = end[slot]
                    size += 1
                    slot = following[slot]
            at += 1
        for one in range(size):
            other = queue[one]
            ties[count, 0], ties[count, 1] = node, other
            for side in range(2):
                here, there = (node, other) if side == 0 else (other, node)
                end[2 * count + side] = there
                following[2 * count + side] = head[here]
                head[here] = 2 * count + side
            count += 1
    return ties[:count]


@njit(cache=True, nogil=True)
def affiliation(nodes: int, degree: float, second: float, state: np.ndarray) -> np.ndarray:
    """People who share a group know each other; Newman, Watts & Strogatz (2002), with groups of very unequal size.

    A node has one group, with probability ``second`` another; a tenth of the ties fall outside. Ties inside are as
    many as give the mean degree.
    """
    groups = max(2, int(nodes / (1.5 * degree + 1.0)))
    weights = np.empty(groups)
    total = 0.0
    for group in range(groups):
        total += uniform(state) ** -0.5
        weights[group] = total
    own = np.empty((nodes, 2), dtype=np.int64)
    members = np.zeros(groups + 1, dtype=np.int64)
    for node in range(nodes):
        own[node, 1] = -1
        own[node, 0] = min(np.searchsorted(weights, uniform(state) * total), groups - 1)
        members[own[node, 0] + 1] += 1
        if uniform(state) < second:
            own[node, 1] = min(np.searchsorted(weights, uniform(state) * total), groups - 1)
            members[own[node, 1] + 1] += 1
    for group in range(groups):
        members[group + 1] += members[group]
    place, who = members.copy(), np.empty(members[groups], dtype=np.int32)
    for node in range(nodes):
        for which in range(2):
            group = own[node, which]
            if group >= 0:
                who[place[group]] = node
                place[group] += 1
    wanted = int(nodes * degree / 2.0)
    ties = np.empty((wanted, 2), dtype=np.int32)
    for at in range(wanted):
        node = _below(state, nodes)
        if uniform(state) < 0.1:
            other = _below(state, nodes)
        else:
            group = own[node, 1] if own[node, 1] >= 0 and uniform(state) < 0.5 else own[node, 0]
            other = who[members[group] + _below(state, members[group + 1] - members[group])]
        ties[at, 0], ties[at, 1] = node, other
    return ties


@njit(cache=True, nogil=True)
def recursive_tree(nodes: int, state: np.ndarray) -> np.ndarray:
    """Each new node hangs on a random earlier one: the uniform recursive tree."""
    ties = np.empty((nodes - 1, 2), dtype=np.int32)
    for node in range(1, nodes):
        ties[node - 1, 0], ties[node - 1, 1] = node, _below(state, node)
    return ties


@njit(cache=True, nogil=True)
def regular_tree(nodes: int, degree: int) -> np.ndarray:
    """The tree in which every node has the same degree, level by level from node 0, cut off at so many nodes."""
    ties = np.empty((nodes - 1, 2), dtype=np.int32)
    for node in range(1, nodes):
        ties[node - 1, 0] = node
        ties[node - 1, 1] = 0 if node <= degree else 1 + (node - degree - 1) // (degree - 1)
    return ties


@njit(cache=True, nogil=True)
def stochastic_block(nodes: int, degree: float, shape: float, state: np.ndarray) -> np.ndarray:
    """Blocks of equal size, 2 to 12 of them, with ties inside that are 5 to 50 times as likely as between."""
    blocks = 2 + min(int(shape * (_MOST_BLOCKS - 1)), _MOST_BLOCKS - 2)
    ratio = 5.0 * 10.0 ** ((shape * 7.0) % 1.0)
    inside = ratio / (ratio + blocks - 1.0)
    wanted = int(nodes * degree / 2.0)
    ties = np.empty((wanted, 2), dtype=np.int32)
    for at in range(wanted):
        node = _below(state, nodes)
        block = node % blocks
        if uniform(state) >= inside:
            block = (block + 1 + _below(state, blocks - 1)) % blocks
        size = (nodes - block + blocks - 1) // blocks
        ties[at, 0], ties[at, 1] = node, block + blocks * _below(state, size)
    return ties


@njit(cache=True, nogil=True)
def geometric(nodes: int, degree: float, state: np.ndarray) -> np.ndarray:
    """Points of the unit square, tied where nearer than a radius that gives the mean degree; Gilbert (1961)."""
    radius = math.sqrt(degree / (math.pi * nodes))
    cells = max(int(1.0 / radius), 1)
    x, y = np.empty(nodes), np.empty(nodes)
    head, following = np.full(cells * cells, -1, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    for node in range(nodes):
        x[node], y[node] = uniform(state), uniform(state)
        cell = min(int(x[node] * cells), cells - 1) * cells + min(int(y[node] * cells), cells - 1)
        following[node] = head[cell]
        head[cell] = node
    ties = np.empty((int(nodes * degree) + 64, 2), dtype=np.int32)
    count = 0
    for node in range(nodes):
        column, row = min(int(x[node] * cells), cells - 1), min(int(y[node] * cells), cells - 1)
        for across in range(max(column - 1, 0), min(column + 2, cells)):
            for along in range(max(row - 1, 0), min(row + 2, cells)):
                other = head[across * cells + along]
                while other >= 0:
                    near = (x[node] - x[other]) ** 2 + (y[node] - y[other]) ** 2 < radius * radius
                    if other < node and near and count < ties.shape[0]:
                        ties[count, 0], ties[count, 1] = node, other
                        count += 1
                    other = following[other]
    return ties[:count]


@njit(cache=True, nogil=True)
def random_graph(family: int, nodes: int, degree: float, shape: float, key: int, draw: int) -> Rows:
    """The graph in compressed rows of a family's number, its nodes in random order.

    The shape is the share rewired on a ring, the exponent of a configuration (2.1 to 3.5), how readily a fire burns
    (0.1 to 0.6), the share of people in two groups, and the number and strength of blocks; trees have a mean degree of
    their own, and the regular one as many ties a node as the degree says, at least 3.
    """
    state = open_stream(key, draw)
    if family == 0:
        ties = barabasi_albert(nodes, max(int(degree / 2.0 + 0.5), 1), state)
    elif family == 1:
        ties = erdos_renyi(nodes, min(degree / (nodes - 1.0), 1.0), state)
    elif family == 2:
        ties = watts_strogatz(nodes, max(int(degree / 2.0 + 0.5), 1), 10.0 ** (-2.5 + 2.2 * shape), state)
    elif family == 3:
        ties = configuration(nodes, degree, 2.1 + 1.4 * shape, state)
    elif family == 4:
        ties = forest_fire(nodes, 0.1 + 0.5 * shape, max(int(2.0 * degree), 2), state)
    elif family == 5:
        ties = affiliation(nodes, degree, shape, state)
    elif family == 6:
        ties = recursive_tree(nodes, state)
    elif family == 7:
        ties = barabasi_albert(nodes, 1, state)
    elif family == 8:
        ties = regular_tree(nodes, max(int(degree), 3))
    elif family == 9:
        ties = stochastic_block(nodes, degree, shape, state)
    elif family == 10:
        ties = geometric(nodes, degree, state)
    else:
        raise ValueError("random graph: no family has this number")
    labels = np.arange(nodes).astype(np.int32)
    shuffle(labels, state)
    for at in range(ties.shape[0]):
        ties[at, 0], ties[at, 1] = labels[ties[at, 0]], labels[ties[at, 1]]
    return rows_of(nodes, ties)
