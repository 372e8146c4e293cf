"""The protocol `source-real`: threads of Android Stack Exchange, whose source is known; the model is fitted to none.

The graph links users who have interacted; a thread is asked by its source and answered or commented on by others. Few
of those others are tied to the source, so that the graph hardly explains who takes part: every method's score stands
beside chance, and beside a network without pretraining that is taught by 475 other threads of the site.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.baselines.from_labels import network_of_labels, posterior_of
from sgnn.domains.cascades.data import (
    ANDROID_APART,
    ANDROID_GRAPH,
    ANDROID_TEST,
    ANDROID_TRAIN,
    RealCascade,
    android,
    android_labels,
)
from sgnn.domains.cascades.graphs.host import Host
from sgnn.domains.cascades.observation import Snapshot
from sgnn.domains.cascades.observation.given import given_snapshot
from sgnn.domains.cascades.observation.kernel import NONE, RELATIVE, REPORTED
from sgnn.domains.cascades.protocols import compare
from sgnn.domains.cascades.source.inputs import SEEN
from sgnn.domains.cascades.source.posterior import source_posterior
from sgnn.domains.cascades.spread.models import SIRCascade
from sgnn.evaluation.files import fetch
from sgnn.evaluation.protocol import Protocol
from sgnn.evaluation.sources.kept import kept_scores
from sgnn.evaluation.sources.outcome import MODEL, SourceBenchmark
from sgnn.evaluation.sources.scores import CandidateScores
from sgnn.learning.domain import THRESHOLD
from sgnn.learning.judging import judge
from sgnn.learning.model import Model
from sgnn.settings import Settings
from sgnn.simulation import Component, DrawGenerator, Mixture, ObservationPipeline

KEY = "source-real"
LABELLED = "from_labels"
_LABELS_VERSION = 2
HIDDEN = "times hidden"
_SIMULATED = 136
_ROOM, _TIES = 256, 24_000


class SourceReal(Protocol):
    """With times hidden, which is the headline, and with times told, where whoever is first is the source."""

    name = "source-real"
    files = (ANDROID_GRAPH, ANDROID_TRAIN, ANDROID_APART, ANDROID_TEST)

    def __init__(self, cases: int | None = None, epochs: int = 40) -> None:
        self.cases, self.epochs = cases, epochs

    def tiny(self) -> SourceReal:
        """A few threads."""
        return SourceReal(cases=10, epochs=1)

    def run(self, model: Model, settings: Settings, name: str = "model") -> SourceBenchmark:
        """Score on all test threads. Raises `MissingData` where they are not to be had, `DataError` for a model that
        names no source."""
        host, cascades = android(settings)
        cascades = cascades[: self.cases]
        rules = compare.CENTRALITIES
        simulated = hosted_draws(str(fetch((ANDROID_GRAPH,), settings)[0]), self.cases or _SIMULATED)
        # of spread that is simulated, for nothing is fitted to these threads
        factors = compare.calibrated(rules, simulated)
        parts = []
        for clock in (NONE, RELATIVE):
            draws = stacked([real_snapshot(host, one, clock) for one in cascades])
            posterior = source_posterior(model, draws).nodes
            found = compare.compared(draws, rules, factors, posterior)
            # with times told whoever is first is the source, and there is nothing to learn
            labelled = self._from_labels(settings, host, draws) if clock == NONE else {}
            parts.append(compare.with_rumor_centrality(found | labelled, "rumor_full"))
        beside = touching(host, cascades)
        real = stacked([real_snapshot(host, one, NONE) for one in cascades])
        return SourceBenchmark(
            protocol=self.name,
            model=name,
            methods=parts[0],
            groups={HIDDEN: tuple(range(len(cascades)))},
            data={one.place: one.sha256 for one in self.files},
            notes=(
                f"{len(cascades)} threads of {host.nodes:,} users; {100 * beside:.1f} % of those who take part are "
                "tied to the source",
                *(f"with times told: {line}" for line in _lines(parts[1])),
                f"{LABELLED} is a graph network without pretraining, taught by other threads of the site",
                "baselines have the sharpness that is best on simulated spread over the same graph, for nothing is "
                "fitted here",
            ),
            untypical=untypical(model, {"these threads": real, "simulated spread over their graph": simulated}),
        )

    def _from_labels(
        self, settings: Settings, host: Host, draws: dict[str, NDArray[Any]]
    ) -> dict[str, CandidateScores]:
        """Scores of a network without pretraining, taught by other threads."""
        taught, apart = (stacked([real_snapshot(host, one, NONE) for one in some]) for some in android_labels(settings))

        def make() -> dict[str, CandidateScores]:
            network = network_of_labels(taught, apart, epochs=self.epochs)
            return {LABELLED: compare.compared(draws, {}, {}, posterior_of(network, draws))[MODEL]}

        scored_on = {f"{part}/{name}": one[name] for part, one in (("taught", taught), ("test", draws)) for name in one}
        return kept_scores(settings.cache, f"{self.name} {LABELLED} {_LABELS_VERSION} {self.epochs}", scored_on, make)


def _lines(methods: dict[str, CandidateScores]) -> list[str]:
    shown = (MODEL, "earliest", "chance")
    return [f"{name} top-1 {float(np.nanmean(methods[name].top1)):.3f}" for name in shown]


def real_snapshot(host: Host, cascade: RealCascade, clock: int) -> dict[str, NDArray[Any]]:
    """Arrays (1, …) of who took part, with the truth."""
    number_of = {name: at for at, name in enumerate(host.names)}
    known, time = np.zeros(host.nodes, np.int8), np.full(host.nodes, np.nan)
    for name, when in zip(cascade.names, cascade.times, strict=True):
        if name in number_of:
            known[number_of[name]], time[number_of[name]] = REPORTED, when
    draws, who = given_snapshot(host.rows, known, time, clock)
    source = number_of.get(cascade.names[0], -1)
    return {**draws, "began": (who == source).astype(np.int8)[None]}


def stacked(snapshots: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Arrays (draw, …) of single snapshots, padded to the widest."""
    found: dict[str, NDArray[Any]] = {}
    for name in snapshots[0]:
        arrays = [one[name] for one in snapshots]
        if arrays[0].ndim == 1:
            found[name] = np.concatenate(arrays)
            continue
        width = max(array.shape[1] for array in arrays)
        found[name] = np.concatenate([np.pad(array, ((0, 0), (0, width - array.shape[1]))) for array in arrays])
    return found


def hosted_draws(host: str, number: int) -> dict[str, NDArray[Any]]:
    """Arrays (draw, …) of simulated cascades on a real graph, with nothing hidden but times."""
    simulator, look = SIRCascade(host=host), Snapshot(room=_ROOM, ties=_TIES, host=host)
    hidden = {"masked_any": 0, "false_any": 0, "unknown_any": 0, "shows_recovered": 0, "clock": 0}
    generator = DrawGenerator(
        Mixture([Component(simulator, 1.0, simulator.prior().replace({"origins": 1.0}))]),
        ObservationPipeline((look,), (look.prior().replace(hidden),)),
        KEY,
    )
    made = generator.draws(0, number + 8)
    good = np.flatnonzero(made.status == 0)[:number]
    return {name: values[good] for name, values in made.arrays.items()}


def untypical(model: Model, sets: Mapping[str, Mapping[str, NDArray[Any]]]) -> dict[str, float]:
    """Share of each set that looks like nothing simulated; nothing for a model that does not know."""
    found = {}
    for name, draws in sets.items():
        judgement = judge(model, {one: draws[one] for one in SEEN})
        if judgement is not None:
            found[name] = float((judgement.typicality < THRESHOLD).mean())
    return found


def touching(host: Host, cascades: tuple[RealCascade, ...]) -> float:
    """Share of those who take part, the source left out, that are tied to the source."""
    number_of = {name: at for at, name in enumerate(host.names)}
    offsets, neighbours = host.rows
    tied, all_ = 0, 0
    for cascade in cascades:
        source = number_of.get(cascade.names[0])
        around = set() if source is None else set(neighbours[offsets[source] : offsets[source + 1]].tolist())
        others = [number_of[name] for name in cascade.names[1:] if name in number_of]
        tied += len(around & set(others))
        all_ += len(others)
    return tied / max(all_, 1)
