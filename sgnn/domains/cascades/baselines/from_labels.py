"""A graph network without pretraining: fresh weights, taught by nothing but cascades whose source is known."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sgnn.domains.cascades.source.graph_features import GRAPH_FEATURES
from sgnn.domains.cascades.source.inputs import SEEN
from sgnn.domains.cascades.source.network import SourceNetwork
from sgnn.domains.cascades.source.node_features import NODE_FEATURES
from sgnn.domains.cascades.source.task import UNTOLD, SourceTask

Draws = Mapping[str, NDArray[Any]]
WIDTH, ROUNDS = 32, 3
_BATCH, _RATE, _DECAY = 32, 2e-3, 0.05


def network_of_labels(draws: Draws, apart: Draws, seed: int = 0, epochs: int = 40, patience: int = 6) -> SourceNetwork:
    """A network of the same kind as the pretrained one, taught by snapshots (draw, …) and ``began`` alone.

    Its epoch is the one of least loss on those kept ``apart``; it stops where ``patience`` epochs bring none.
    """
    rows = np.flatnonzero(draws["began"].any(axis=1))
    chance = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = SourceNetwork(NODE_FEATURES, GRAPH_FEATURES, WIDTH, ROUNDS, origins=1, mechanisms=1)
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    best, least, since = copy.deepcopy(network), np.inf, 0
    while epochs > 0 and since < patience:
        epochs -= 1
        chance.shuffle(rows)
        for at in range(0, len(rows), _BATCH):
            loss = _loss(network, draws, rows[at : at + _BATCH])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        with torch.inference_mode():
            held_out = float(_loss(network, apart, np.flatnonzero(apart["began"].any(axis=1))))
        since += 1
        if held_out < least:
            best, least, since = copy.deepcopy(network), held_out, 0
    return best.eval()


def posterior_of(network: SourceNetwork, draws: Draws) -> list[NDArray[np.float64]]:
    """Log posterior (node,) of each snapshot."""
    with torch.inference_mode():
        found = network(_shown(draws, np.arange(len(draws["known"]))))["node"].numpy().astype(np.float64)
    return np.split(found, np.cumsum(draws["seen_nodes"].astype(np.int64))[:-1])


def _shown(draws: Draws, rows: NDArray[np.intp]) -> dict[str, Tensor]:
    some = {name: draws[name][rows] for name in SEEN}
    return SourceTask().snapshot_batch(some, np.full(len(rows), UNTOLD), np.zeros(len(rows), np.int64))


def _loss(network: SourceNetwork, draws: Draws, rows: NDArray[np.intp]) -> Tensor:
    """Mean logarithmic score of those who began."""
    began = draws["began"][rows].astype(np.float32)
    inside = np.arange(began.shape[1]) < draws["seen_nodes"][rows].astype(np.int64)[:, None]
    share = torch.from_numpy((began / began.sum(axis=1, keepdims=True))[inside])
    loss: Tensor = -(network(_shown(draws, rows))["node"] * share).sum() / len(rows)
    return loss
