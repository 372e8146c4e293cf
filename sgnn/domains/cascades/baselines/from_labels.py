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
from sgnn.domains.cascades.source.task import UNTOLD, SourceTask, origin_loss, share_of_origins

Draws = Mapping[str, NDArray[Any]]
WIDTH, ROUNDS = 32, 3
_BATCH, _RATE, _DECAY = 32, 2e-3, 0.05


def network_of_labels(draws: Draws, apart: Draws, seed: int = 0, epochs: int = 40, patience: int = 6) -> SourceNetwork:
    """A network of the same kind as the pretrained one, taught by snapshots (draw, …) and ``began`` alone.

    Its epoch is the one of least loss on those kept ``apart``; it stops where ``patience`` epochs bring none.
    """
    chance = np.random.default_rng(seed)
    rows = chance.permutation(np.flatnonzero(draws["began"].any(axis=1)))
    # features take longer than a step: the batches stay, their order does not
    batches = [_batch(draws, rows[at : at + _BATCH]) for at in range(0, len(rows), _BATCH)]
    held_out = _batch(apart, np.flatnonzero(apart["began"].any(axis=1)))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = SourceNetwork(NODE_FEATURES, GRAPH_FEATURES, WIDTH, ROUNDS, origins=1, mechanisms=1)
    optimiser = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    best, least, since = copy.deepcopy(network), np.inf, 0
    while epochs > 0 and since < patience:
        epochs -= 1
        for at in chance.permutation(len(batches)):
            loss = origin_loss(network(batches[at])["node"], batches[at])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        with torch.inference_mode():
            found = float(origin_loss(network(held_out)["node"], held_out))
        since += 1
        if found < least:
            best, least, since = copy.deepcopy(network), found, 0
    return best.eval()


def posterior_of(network: SourceNetwork, draws: Draws) -> list[NDArray[np.float64]]:
    """Log posterior (node,) of each snapshot."""
    with torch.inference_mode():
        found = network(_shown(draws, np.arange(len(draws["known"]))))["node"].numpy().astype(np.float64)
    return np.split(found, np.cumsum(draws["seen_nodes"].astype(np.int64))[:-1])


def _shown(draws: Draws, rows: NDArray[np.intp]) -> dict[str, Tensor]:
    some = {name: draws[name][rows] for name in SEEN}
    untold = np.full(len(rows), UNTOLD)
    return SourceTask().snapshot_batch(some, untold, np.zeros_like(untold), untold)


def _batch(draws: Draws, rows: NDArray[np.intp]) -> dict[str, Tensor]:
    """What is shown of some snapshots, and ``share`` (node,) of each node in who began."""
    share = share_of_origins({name: draws[name][rows] for name in ("began", "seen_nodes")})
    return {**_shown(draws, rows), "share": share}
