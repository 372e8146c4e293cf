"""A rumour on a small random graph, seen once: who has heard it, not who started it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sgnn.simulation import Dimension, Parameter, Prior, ScalarSimulator, Uniform, Variable

FEWEST = 10


class Spread(ScalarSimulator):
    """Everyone who knows tells each friend with probability `telling`, a few times over, on a tree with extra ties.

    The graph is a list of edges (edge, end), padded; its size differs from draw to draw.
    """

    name = "rumours.spread"
    version = "1"

    def __init__(self, nodes: int = 24, rounds: int = 4) -> None:
        self.nodes, self.rounds = nodes, rounds

    def prior(self) -> Prior:
        return Prior({"telling": Parameter(Uniform(0.5, 0.9), description="chance that a friend is told in a round")})

    def dimensions(self) -> tuple[Dimension, ...]:
        return Dimension("node", self.nodes), Dimension("edge", self.nodes + self.nodes // 4), Dimension("end", 2)

    def variables(self) -> tuple[Variable, ...]:
        return (
            Variable("edges", ("edge", "end"), "int16", "", "observable", "ends of every tie", size="edge_count"),
            Variable("edge_count", (), "int16", "", "observable"),
            Variable("heard", ("node",), "int8", "", "observable", "who has heard it", (0, 1), size="node_count"),
            Variable("node_count", (), "int16", "", "observable"),
            Variable("began", ("node",), "int8", "", "target", "who started it", (0, 1), size="node_count"),
        )

    def simulate_one(self, theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
        nodes = int(generator.integers(FEWEST, self.nodes + 1))
        parents = np.array([generator.integers(max(0, node - 4), node) for node in range(1, nodes)])
        extra = generator.integers(0, nodes, size=(nodes // 4, 2))
        edges = np.concatenate([np.stack([np.arange(1, nodes), parents], axis=1), extra[extra[:, 0] != extra[:, 1]]])
        friends = np.zeros((nodes, nodes), dtype=bool)
        friends[edges[:, 0], edges[:, 1]] = friends[edges[:, 1], edges[:, 0]] = True
        began = np.arange(nodes) == generator.integers(nodes)
        heard = began.copy()
        for _ in range(self.rounds):
            told = friends & (generator.random((nodes, nodes)) < theta["telling"])
            heard |= told[heard].any(axis=0)
        return {"edges": edges, "heard": heard, "began": began}
