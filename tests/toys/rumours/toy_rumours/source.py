"""The task: who started a rumour, as a probability for everyone who has heard it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sgnn.learning.task import Arrays, Batch, Task
from sgnn.simulation import Schema


class GraphNetwork(nn.Module):
    """Rounds of messages between friends, weights shared by all nodes, so that a graph of any size fits."""

    def __init__(self, width: int, rounds: int) -> None:
        super().__init__()
        self.enter = nn.Linear(3, width)
        self.rounds = nn.ModuleList(nn.Linear(2 * width, width) for _ in range(rounds))
        self.answer = nn.Linear(width, 1)

    def forward(self, nodes: Tensor, friends: Tensor) -> Tensor:
        """Log probabilities (draw, node) from features (draw, node, 3), whose first says who has heard it."""
        heard = nodes[..., 0] > 0
        hidden = nn.functional.silu(self.enter(nodes))
        for layer in self.rounds:
            hidden = hidden + nn.functional.silu(layer(torch.cat([hidden, friends @ hidden], dim=-1)))
        score: Tensor = self.answer(hidden)
        return torch.log_softmax(score.squeeze(-1).masked_fill(~heard, -torch.inf), dim=1)


class SourceTask(Task):
    """Logarithmic score of the source: its minimum is the posterior probability."""

    name = "rumours.source"

    def __init__(self, width: int = 32, rounds: int = 4) -> None:
        self.width, self.rounds = width, rounds

    @property
    def settings(self) -> dict[str, Any]:
        return {"width": self.width, "rounds": self.rounds}

    def inputs(self, schema: Schema) -> tuple[str, ...]:
        return "edges", "edge_count", "heard", "node_count", "began"

    def network(self, schema: Schema) -> GraphNetwork:
        return GraphNetwork(self.width, self.rounds)

    def batch(self, draws: Arrays, generator: np.random.Generator) -> Batch:
        heard = draws["heard"].astype(np.float32)
        batch, nodes = heard.shape
        friends = np.zeros((batch, nodes, nodes), dtype=np.float32)
        draw, edge = np.nonzero(np.arange(draws["edges"].shape[1]) < draws["edge_count"][:, None])
        one, other = draws["edges"][draw, edge].T
        friends[draw, one, other] = friends[draw, other, one] = 1.0
        degree = friends.sum(axis=2)
        told = (friends @ heard[..., None])[..., 0]
        features = np.stack([heard, degree / 4.0, told / np.maximum(degree, 1.0)], axis=-1)
        return {
            "nodes": torch.from_numpy(features),
            "friends": torch.from_numpy(friends / np.maximum(degree, 1.0)[..., None]),
            "truth": torch.from_numpy(draws["began"].argmax(axis=1)),
        }

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        return nn.functional.nll_loss(network(batch["nodes"], batch["friends"]), batch["truth"])
