"""The protocol `source-published`: the published setting, and the rules that show what it is worth.

Independent cascades with p = 0.05 on Barabási–Albert graphs of 1,000 nodes with m = 5, run to their end; a fifth of the
nodes masked, the steps of all others told from the start.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.graphs.families import random_graph
from sgnn.domains.cascades.observation import Snapshot
from sgnn.domains.cascades.observation.kernel import MASKED
from sgnn.domains.cascades.protocols import compare
from sgnn.domains.cascades.snapshots import Seen, single_snapshots
from sgnn.domains.cascades.source.posterior import source_posterior
from sgnn.domains.cascades.spread.kernel import MOST_ORIGINS, choose_origins
from sgnn.domains.cascades.spread.steps import independent_cascade
from sgnn.evaluation.protocol import Protocol
from sgnn.evaluation.sources.outcome import MODEL, SourceBenchmark
from sgnn.evaluation.sources.scores import collected, score_case
from sgnn.learning.model import Model
from sgnn.settings import Settings
from sgnn.simulation import Streams
from sgnn.simulation.random import open_stream

Array = NDArray[np.float64]
CASES, CALIBRATION = 4000, 500
NODES, DEGREE, PROBABILITY, MASKED_SHARE = 1000, 10.0, 0.05, 0.2
KEY = "source-published"
_ELSEWHERE = 0.01
"""Probability that every method leaves for masked nodes that nothing seen is near to."""
_RULES = ("earliest", "degree", "closeness", "jordan", "rumor_tree", "rumor_full", "netsleuth")


class SourcePublished(Protocol):
    """Top-1 as published, beside the earliest node observed and a rule made by hand."""

    name = "source-published"

    def __init__(self, cases: int = CASES, calibration: int = CALIBRATION) -> None:
        self.cases, self.calibration = cases, calibration

    def tiny(self) -> SourcePublished:
        """A few cascades."""
        return SourcePublished(cases=40, calibration=20)

    def run(self, model: Model, settings: Settings, name: str = "model") -> SourceBenchmark:
        """Score on cascades of the published kind. Raises `DataError` for a model that names no source."""
        before, draws = published_draws(0, self.calibration), published_draws(self.calibration, self.cases)
        rules = {one: compare.CENTRALITIES[one] for one in _RULES}
        shown = {one: values[before["began"].any(axis=1)] for one, values in before.items()}
        factors = compare.calibrated(rules, shown)
        better = compare.better_rumor(shown, factors)
        posterior = source_posterior(model, draws, trusted=True).nodes
        methods: dict[str, list[dict[str, float]]] = {one: [] for one in (MODEL, "chance", "hand_rule", *rules)}
        for seen, own in zip(single_snapshots(draws), posterior, strict=True):
            methods[MODEL].append(scored(seen, own))
            methods["chance"].append(scored(seen, np.zeros(seen.nodes)))
            methods["hand_rule"].append(scored(seen, hand_rule(seen)))
            for one, rule in rules.items():
                methods[one].append(scored(seen, factors[one] * rule(seen)))
        empty = float((draws["seen_nodes"] == 0).mean())
        single = float((draws["reached"] == 1).mean())
        return SourceBenchmark(
            protocol=self.name,
            model=name,
            methods=compare.with_rumor_centrality({one: collected(found) for one, found in methods.items()}, better),
            published={"SGNN": 0.826, "rumor centre": 0.588},
            data={f"draws from {self.calibration}": KEY},
            notes=(
                f"{100 * empty:.1f} % of the observations show nothing at all, and any masked node is a guess",
                f"{100 * single:.1f} % of the cascades are a single node; where its time is seen, it is the source",
                "the network is told that no tie is missing and no report false",
                "the hand rule names the node with time 0, or a masked one that fits the times 1 and 2",
            ),
        )


def scored(seen: Seen, scores: Array) -> dict[str, float]:
    """Scores of one case, with a little probability left for masked nodes that nothing seen is near to."""
    hidden = int(NODES * MASKED_SHARE)
    if not seen.nodes:
        by_lot = np.full(hidden, -math.log(hidden))
        none = score_case(by_lot, np.arange(hidden) == 0, np.ones((hidden, hidden)))
        return {**none, "mean_hops": math.nan, "mean_hops_argmax": math.nan}
    log_probability = compare.log_softmax(scores)
    found = score_case(log_probability, seen.began, seen.hops())
    if not seen.began.any():
        return {**found, "log_score": math.log(_ELSEWHERE / hidden)}
    return {**found, "log_score": float(np.logaddexp(found["log_score"] + math.log1p(-_ELSEWHERE), -40.0))}


def hand_rule(seen: Seen) -> Array:
    """Scores (node,): the node with time 0, else masked nodes next to all of time 1 and near all of time 2."""
    if (seen.time == 0.0).any():
        return np.where(seen.time == 0.0, 0.0, -50.0)
    hops = seen.hops()
    fits = seen.known == MASKED
    for time in (1.0, 2.0):
        told = seen.time == time
        if told.any():
            fits &= (hops[:, told] <= time).all(axis=1)
    first = np.nanmin(seen.time) if np.isfinite(seen.time).any() else np.nan
    return np.where(fits, 0.0, np.where(seen.time == first, -10.0, -50.0))


def published_draws(first: int, number: int) -> dict[str, NDArray[Any]]:
    """Arrays (draw, …) of cascades of the published kind, and what is seen of them."""
    streams = Streams(KEY, np.arange(first, first + number))
    seeds = streams.seeds().view(np.int64)
    infection = np.full((number, NODES), np.nan, np.float32)
    origins = np.zeros((number, MOST_ORIGINS), np.int32)
    key = streams.key("spread")
    begun, ended = np.empty((2, NODES))
    for row in range(number):
        offsets, neighbours = random_graph(0, NODES, DEGREE, 0.5, 0, int(seeds[row]))
        state = open_stream(key, int(streams.draws[row]))
        choose_origins(NODES, 1, state, origins[row])
        independent_cascade(
            offsets, neighbours, origins[row, :1], math.inf, PROBABILITY, 0.0, NODES, state, begun, ended
        )
        infection[row] = np.where(np.isfinite(begun), begun, np.nan)
    latent: dict[str, NDArray[Any]] = {
        "graph_family": np.zeros(number, np.int8),
        "graph_nodes": np.full(number, NODES, np.int32),
        "graph_degree": np.full(number, DEGREE),
        "graph_shape": np.full(number, 0.5),
        "graph_seed": seeds,
        "infection_time": infection,
        "recovery_time": np.full((number, NODES), np.nan, np.float32),
        "origin_nodes": origins,
        "origin_count": np.ones(number, np.int8),
        "reached": np.isfinite(infection).sum(axis=1),
    }
    look = Snapshot(room=NODES, ties=5 * NODES)
    asked = {"masked_any": 1, "masked_share": MASKED_SHARE, "false_any": 0, "unknown_any": 0, "clock": 2}
    prior = look.prior().replace({**asked, "told_share": 1.0, "noise": 0.0, "shows_recovered": 0})
    return latent | look.observe(latent, prior.sample(streams), streams.scoped("look"))
