"""Soft-margin Monte Carlo, told the mechanism, the rates and the time; Antulov-Fantulin et al. (2015)."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sgnn.domains.cascades.spread.continuous import contagion
from sgnn.simulation.random import open_stream

MARGIN = 0.15
"""Width a of the Gaussian in 1 - Jaccard similarity."""


@njit(cache=True, nogil=True)
def soft_margin(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    who: np.ndarray,
    horizon: float,
    rate: float,
    recovery_rate: float,
    runs: int,
    margin: float,
    key: int,
    draw: int,
    out: np.ndarray,
) -> None:
    """Fill log scores (candidate,): the mean over ``runs`` simulations from each of exp(-(1 - J)² / a²).

    ``offsets`` and ``neighbours`` are the whole graph, ``who`` the nodes reached, which are the candidates; J is the
    Jaccard similarity of what is reached in a simulation and of what was. Simulations that reach more than twice as
    many are cut short: J is below 1/2 then, and with a margin of 0.15 they count for less than 2e-5.
    """
    nodes = offsets.shape[0] - 1
    reached = np.zeros(nodes, dtype=np.bool_)
    for node in who:
        reached[node] = True
    state = open_stream(key, draw)
    infection, recovery = np.empty(nodes), np.empty(nodes)
    origin = np.empty(1, dtype=np.int32)
    for at in range(who.shape[0]):
        origin[0] = who[at]
        total = 0.0
        for _ in range(runs):
            count = contagion(
                offsets,
                neighbours,
                origin,
                horizon,
                rate,
                0.0,
                0.0,
                recovery_rate,
                2 * who.shape[0],
                state,
                infection,
                recovery,
            )
            both = 0
            for node in who:
                both += infection[node] < math.inf
            jaccard = both / (count + who.shape[0] - both)
            total += math.exp(-((1.0 - jaccard) ** 2) / margin**2)
        out[at] = math.log(total / runs + 1e-30)
