"""The protocol `source-exact`: where the posterior is known, it stands beside the network's.

On a regular tree under SI with equal rates, every node of the infected set has a likelihood in proportion to its rumor
centrality, Shah & Zaman (2011), theorem 1; on small graphs the chain of infected sets is enumerated.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.exact.enumeration import exact_posterior
from sgnn.domains.cascades.graphs.families import FAMILIES, random_graph
from sgnn.domains.cascades.graphs.rows import mean_excess_degree
from sgnn.domains.cascades.observation import Snapshot
from sgnn.domains.cascades.protocols import compare
from sgnn.domains.cascades.snapshots import single_snapshots
from sgnn.domains.cascades.source.columns import RUMOR
from sgnn.domains.cascades.source.posterior import source_posterior
from sgnn.domains.cascades.spread.continuous import contagion
from sgnn.domains.cascades.spread.kernel import MOST_ORIGINS
from sgnn.domains.cascades.spread.models import SICascade
from sgnn.evaluation.protocol import Protocol
from sgnn.evaluation.sources.outcome import MODEL, SourceBenchmark
from sgnn.evaluation.sources.scores import CandidateScores, collected, score_case
from sgnn.learning.model import Model
from sgnn.settings import Settings
from sgnn.simulation import Component, DrawGenerator, Mixture, ObservationPipeline, Streams
from sgnn.simulation.random import exponential, open_stream

Array = NDArray[np.float64]
CASES = 600
KEY = "source-exact"
LEAST, MOST_ON_TREES, MOST_ON_GRAPHS = 10, 40, 13
TREE_NODES, TREE_DEGREE = 12_000, 3.0
"""Twelve levels, which so few nodes hardly ever reach: cascades that do are refused, and that must tell nothing."""
DURATIONS = (1.5, 20.0)
_CLEAR = {"masked_any": 0, "false_any": 0, "unknown_any": 0, "clock": 0, "shows_recovered": 0}
_MOST_TRIES = 10_000


class SourceExact(Protocol):
    """The exact posterior is ``exact``; the network is told the mechanism, and that all ties are equal."""

    name = "source-exact"

    def __init__(self, cases: int = CASES) -> None:
        self.cases = cases

    def tiny(self) -> SourceExact:
        """A few cases."""
        return SourceExact(cases=12)

    def run(self, model: Model, settings: Settings, name: str = "model") -> SourceBenchmark:
        """Score on cascades that no corpus holds. Raises `DataError` for a model that names no source."""
        trees, small = tree_draws(self.cases), small_draws(self.cases)
        parts = [
            _scored(model, trees, [compare.log_softmax(seen.scores[:, RUMOR]) for seen in single_snapshots(trees)]),
            _scored(model, small, _enumerated(small)),
        ]
        number = len(parts[0][MODEL].top1)
        whole = number + len(parts[1][MODEL].top1)
        return SourceBenchmark(
            protocol=self.name,
            model=name,
            methods=compare.joined(parts),
            groups={"regular trees": tuple(range(number)), "small graphs": tuple(range(number, whole))},
            data={f"draws of {KEY}": KEY},
            notes=(
                f"SI with equal rates; {LEAST} to {MOST_ON_TREES} nodes of a tree of degree 3 whose end is not reached",
                f"{LEAST} to {MOST_ON_GRAPHS} nodes of graphs of 20 to 60, by enumeration of the sets infected before",
                "the network is told the mechanism, that ties are equal and all known, and that reports are right; the "
                "exact posterior knows as much",
            ),
        )


def _scored(model: Model, draws: dict[str, NDArray[Any]], exact: list[Array]) -> dict[str, CandidateScores]:
    own = source_posterior(model, draws, "cascades.si", alike=True, trusted=True).nodes
    cases: dict[str, list[dict[str, float]]] = {MODEL: [], "exact": [], "chance": []}
    for seen, mine, true in zip(single_snapshots(draws), own, exact, strict=True):
        hops = seen.hops()
        for name, one in ((MODEL, mine), ("exact", true), ("chance", compare.log_softmax(np.zeros(seen.nodes)))):
            cases[name].append(score_case(one, seen.began, hops))
    return {name: collected(one) for name, one in cases.items()}


def _enumerated(draws: dict[str, NDArray[Any]]) -> list[Array]:
    found = []
    for row, seen in enumerate(single_snapshots(draws)):
        names = ("graph_family", "graph_nodes", "graph_degree", "graph_shape", "graph_seed")
        family, nodes, degree, shape, seed = (draws[name][row] for name in names)
        offsets, _ = random_graph(int(family), int(nodes), float(degree), float(shape), 0, int(seed))
        found.append(exact_posterior(seen, float(mean_excess_degree(offsets)), DURATIONS))
    return found


def small_draws(number: int) -> dict[str, NDArray[Any]]:
    """Arrays (draw, …) of small cascades on small graphs of all families that are taught."""
    simulator = SICascade(nodes=60, least=LEAST, most=MOST_ON_GRAPHS)
    nodes = {"distribution": "log_uniform", "low": 20.0, "high": 60.0}
    degree = {"distribution": "log_uniform", "low": 3.0, "high": 8.0}
    prior = simulator.prior().replace({"origins": 1.0, "variation": 0.0, "nodes": nodes, "mean_degree": degree})
    look = Snapshot(room=MOST_ON_GRAPHS, ties=MOST_ON_GRAPHS * MOST_ON_GRAPHS)
    generator = DrawGenerator(
        Mixture([Component(simulator, 1.0, prior)]),
        ObservationPipeline((look,), (look.prior().replace(_CLEAR),)),
        f"{KEY}/small",
    )
    made = generator.draws(0, number + number // 2)
    good = np.flatnonzero(made.status == 0)[:number]
    return {name: values[good] for name, values in made.arrays.items()}


def tree_draws(number: int) -> dict[str, NDArray[Any]]:
    """Arrays (draw, …) of cascades from the middle of regular trees, tried until none reaches the trees' ends.

    Nothing of the origin is seen in that: every node reached has the same degree, and nodes stand in random order.
    """
    streams = Streams(f"{KEY}/trees", np.arange(number))
    seeds = streams.seeds().view(np.int64)
    family = FAMILIES.index("regular_tree")
    infection = np.full((number, TREE_NODES), np.nan, np.float32)
    origins = np.zeros((number, MOST_ORIGINS), np.int32)
    begun, ended = np.empty((2, TREE_NODES))
    for row in range(number):
        rows = random_graph(family, TREE_NODES, TREE_DEGREE, 0.5, 0, int(seeds[row]))
        degree = np.diff(rows[0])
        origins[row, 0] = _middle(rows)
        state = open_stream(streams.key("spread"), int(streams.draws[row]))
        for _ in range(_MOST_TRIES):
            # about the time in which a tree of degree 3 comes to so many
            horizon = 4.0 * exponential(state)
            count = contagion(*rows, origins[row, :1], horizon, 1.0, 0.0, 0.0, 0.0, MOST_ON_TREES, state, begun, ended)
            reached = np.isfinite(begun)
            if LEAST <= count <= MOST_ON_TREES and (degree[reached] == TREE_DEGREE).all():
                break
        infection[row] = np.where(np.isfinite(begun), begun, np.nan)
    latent: dict[str, NDArray[Any]] = {
        "graph_family": np.full(number, family, np.int8),
        "graph_nodes": np.full(number, TREE_NODES, np.int32),
        "graph_degree": np.full(number, TREE_DEGREE),
        "graph_shape": np.full(number, 0.5),
        "graph_seed": seeds,
        "infection_time": infection,
        "recovery_time": np.full((number, TREE_NODES), np.nan, np.float32),
        "origin_nodes": origins,
        "origin_count": np.ones(number, np.int8),
    }
    look = Snapshot(room=MOST_ON_TREES, ties=MOST_ON_TREES)
    prior = look.prior().replace(_CLEAR)
    return latent | look.observe(latent, prior.sample(streams), streams.scoped("look"))


def _middle(rows: tuple[NDArray[np.int64], NDArray[np.int32]]) -> int:
    """A node that is farthest from all leaves: leaves are taken off, layer by layer, until few nodes are left."""
    offsets, neighbours = rows
    degree = np.diff(offsets).copy()
    layer = np.flatnonzero(degree <= 1)
    last = layer
    alive = np.ones(len(degree), dtype=bool)
    while len(layer):
        last = layer
        alive[layer] = False
        ends = np.concatenate([neighbours[offsets[node] : offsets[node + 1]] for node in layer])
        np.subtract.at(degree, ends, 1)
        layer = np.unique(ends[alive[ends] & (degree[ends] <= 1)])
    return int(last[0])
