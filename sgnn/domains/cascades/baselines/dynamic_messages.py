"""Dynamic message passing for SI and SIR, told the rates and the time; Lokhov, Mézard, Ohta & Zdeborová (2014).

Their equations (3) to (8), in steps so short that a tie transmits in one with a small probability. Nodes seen not to be
reached have transmitted nothing: they need no messages, and each tie to one is a factor of the likelihood.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sgnn.domains.cascades.snapshots import Seen

_STEPS = 24
_LEAST = 1e-12


def dynamic_messages(seen: Seen, rate: float, recovery: float, horizon: float) -> NDArray[np.float64]:
    """Log likelihood (node,) of the snapshot by origin; rates in 1 / day, the time of the look in days."""
    back = reverse_ties(seen.offsets, seen.neighbours)
    step = horizon / _STEPS
    # a transmission before the end of infectiousness within one step
    total = rate + recovery
    transmits = rate / total * (1.0 - math.exp(-total * step)) if total > 0.0 else 0.0
    out = np.empty(seen.nodes)
    log_likelihoods(
        seen.offsets,
        seen.neighbours,
        back,
        seen.unreached,
        transmits,
        1.0 - math.exp(-recovery * step),
        _STEPS,
        out,
    )
    return out


@njit(cache=True, nogil=True)
def reverse_ties(offsets: np.ndarray, neighbours: np.ndarray) -> NDArray[np.int64]:
    """For each entry of the rows, where the same tie stands in the row of its other end."""
    place = offsets.copy()
    back = np.empty(neighbours.shape[0], dtype=np.int64)
    # rows are in ascending order, so that the rows of the other ends are met in theirs
    for node in range(offsets.shape[0] - 1):
        for slot in range(offsets[node], offsets[node + 1]):
            other = neighbours[slot]
            back[slot] = place[other]
            place[other] += 1
    return back


@njit(cache=True, nogil=True)
def log_likelihoods(
    offsets: np.ndarray,
    neighbours: np.ndarray,
    back: np.ndarray,
    unreached: np.ndarray,
    transmits: float,
    recovers: float,
    steps: int,
    out: np.ndarray,
) -> None:
    """Fill the log likelihood (node,) of all being reached, and their unreached neighbours not, by origin.

    ``theta[slot]`` is the chance that the row's node has not yet transmitted along that tie, ``phi`` that it has not
    and is infectious, were the other end kept out; in logarithms, products over neighbours are sums.
    """
    nodes = offsets.shape[0] - 1
    ends = neighbours.shape[0]
    theta, phi, before = np.empty(ends), np.empty(ends), np.empty(ends)
    outer_theta, outer_phi, outer_before = np.empty(nodes), np.empty(nodes), np.empty(nodes)
    total = np.empty(nodes)
    for source in range(nodes):
        for node in range(nodes):
            begins = 1.0 if node == source else 0.0
            for slot in range(offsets[node], offsets[node + 1]):
                theta[slot], phi[slot], before[slot] = 1.0, begins, 1.0 - begins
            outer_theta[node], outer_phi[node], outer_before[node] = 1.0, begins, 1.0 - begins
        for _ in range(steps):
            for slot in range(ends):
                theta[slot] = max(theta[slot] - transmits * phi[slot], _LEAST)
            for node in range(nodes):
                outer_theta[node] = max(outer_theta[node] - transmits * outer_phi[node], _LEAST)
                total[node] = 0.0
                for slot in range(offsets[node], offsets[node + 1]):
                    total[node] += math.log(theta[back[slot]])
            for node in range(nodes):
                for slot in range(offsets[node], offsets[node + 1]):
                    stays = 0.0 if node == source else math.exp(total[node] - math.log(theta[back[slot]]))
                    phi[slot] = (1.0 - transmits) * (1.0 - recovers) * phi[slot] + before[slot] - stays
                    before[slot] = stays
                stays = 0.0 if node == source else math.exp(total[node])
                outer_phi[node] = (1.0 - transmits) * (1.0 - recovers) * outer_phi[node] + outer_before[node] - stays
                outer_before[node] = stays
        likelihood = 0.0
        for node in range(nodes):
            if node != source:
                likelihood += math.log(max(1.0 - outer_before[node], _LEAST))
            likelihood += unreached[node] * math.log(outer_theta[node])
        out[source] = likelihood
