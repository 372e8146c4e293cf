"""The protocols `source-hard`, `source-hard-large` and `source-hard-times`: one look at a cascade, on a graph of a
family never taught.

At least ten nodes, or forty, are reached by SI or SIR, on block and geometric graphs of 200 to 5,000 nodes and on
ego-Facebook, at a time that nobody knows. Without times, or with relative and noisy ones for three nodes in ten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.baselines.dynamic_messages import dynamic_messages
from sgnn.domains.cascades.baselines.soft_margin import MARGIN, soft_margin
from sgnn.domains.cascades.data import FACEBOOK, facebook
from sgnn.domains.cascades.graphs.families import FAMILIES, random_graph
from sgnn.domains.cascades.graphs.host import read_host
from sgnn.domains.cascades.graphs.rows import mean_excess_degree
from sgnn.domains.cascades.observation import Snapshot
from sgnn.domains.cascades.protocols import compare
from sgnn.domains.cascades.snapshots import single_snapshots
from sgnn.domains.cascades.source.posterior import source_posterior
from sgnn.domains.cascades.spread.models import SICascade, SIRCascade
from sgnn.evaluation.protocol import Protocol
from sgnn.evaluation.sources.kept import kept_scores
from sgnn.evaluation.sources.outcome import SourceBenchmark
from sgnn.evaluation.sources.scores import CandidateScores, collected, score_case
from sgnn.learning.model import Model
from sgnn.settings import Settings
from sgnn.simulation import Component, DrawGenerator, Mixture, ObservationPipeline

Array = NDArray[np.float64]
Told = Callable[[dict[str, NDArray[Any]], str, int], list[Array | None]]
"""Scores (node,) of the first so many draws on a host, None for the others."""
CASES, CALIBRATION = 1500, 150
TOLD_CASES, MARGIN_CASES, MARGIN_RUNS = 100, 12, 60
"""Of each kind, cases that dear methods are asked about."""
METHODS_VERSION = 1
FIRST = 1_000_000
"""Cases are draws from here on; those that baselines are calibrated on end before."""
KEY = "source-hard"
_ROOM, _TIES = 256, 24_000
_HELD_OUT = {"stochastic block": "stochastic_block", "geometric": "geometric"}
_FACEBOOK = "ego-Facebook"
_CLEAR = {"masked_any": 0, "false_any": 0, "unknown_any": 0, "shows_recovered": 0, "told_share": 0.3, "noise": 0.1}


class SourceHard(Protocol):
    """Without times. Baselines are given the factor on their score that is best on other cases of the same kind."""

    name = "source-hard"
    files = (FACEBOOK,)
    clock = 0
    least = 10
    origins: ClassVar[Any] = 1.0

    def __init__(
        self,
        cases: int = CASES,
        calibration: int = CALIBRATION,
        told_cases: int = TOLD_CASES,
        margin_cases: int = MARGIN_CASES,
        hosts: bool = True,
    ) -> None:
        self.cases, self.calibration, self.hosts = cases, calibration, hosts
        self.told_cases, self.margin_cases = told_cases, margin_cases

    def tiny(self) -> SourceHard:
        """A few cases, on random graphs only."""
        return type(self)(cases=12, calibration=12, told_cases=4, margin_cases=2, hosts=False)

    def run(self, model: Model, settings: Settings, name: str = "model") -> SourceBenchmark:
        """Score on cascades that no corpus holds. Raises `DataError` for a model that names no source."""
        parts, groups, at = [], {}, 0
        for kind, host in self._kinds(settings).items():
            found = self._scored(model, settings, kind, host)
            parts.append(found)
            number = len(found["chance"].top1)
            groups[kind] = tuple(range(at, at + number))
            at += number
        return SourceBenchmark(
            protocol=self.name,
            model=name,
            methods=compare.joined(parts),
            groups=groups,
            data={f"draws from {FIRST}": KEY, **({FACEBOOK.place: FACEBOOK.sha256} if self.hosts else {})},
            notes=(
                "SI and SIR on graphs of families, and of sizes, that are not taught; "
                f"{self.least} to 250 nodes reached",
                "every baseline has the sharpness of its probabilities that is best on other cases of the same kind",
                "the network is told that no tie is missing and no report false, which baselines take for granted",
                *self._told_notes(),
            ),
        )

    def draws(self, kind: str, host: str, first: int, number: int) -> dict[str, NDArray[Any]]:
        """Arrays (draw, …) of the first ``number`` usable draws from ``first`` on, and their rates.

        ``host`` is the path of a list of ties, or empty for graphs of the family that ``kind`` names.
        """
        family = {} if host else {"family": float(FAMILIES.index(_HELD_OUT[kind]))}
        graph = {
            "nodes": {"distribution": "log_uniform", "low": 200.0, "high": 5000.0},
            "mean_degree": {"distribution": "log_uniform", "low": 5.0, "high": 20.0},
        }
        changes: dict[str, Any] = {"origins": self.origins, **graph, **family}
        simulators = [made(nodes=5000, least=self.least, host=host) for made in (SICascade, SIRCascade)]
        look = Snapshot(room=_ROOM, ties=_TIES, host=host)
        seen = look.prior().replace({**_CLEAR, "clock": float(self.clock)})
        generator = DrawGenerator(
            Mixture([Component(one, 1.0, one.prior().replace(changes)) for one in simulators]),
            ObservationPipeline((look,), (seen,)),
            f"{KEY}/{kind}",
        )
        made = generator.draws(first, first + number + max(number // 4, 8))
        good = np.flatnonzero(made.status == 0)[:number]
        columns = {one.name: at for at, one in enumerate(generator.schema.parameters)}
        found = {one: values[good] for one, values in made.arrays.items()}
        own = {one: made.theta[good, columns[one]] for one in ("rate", "reproduction")}
        return found | own | {"mechanism": made.mechanism[good]}

    def _kinds(self, settings: Settings) -> dict[str, str]:
        hosts = {_FACEBOOK: str(facebook(settings))} if self.hosts else {}
        return dict.fromkeys(_HELD_OUT, "") | hosts

    def prepare(self, settings: Settings) -> None:
        """Score the baselines and keep that."""
        for kind, host in self._kinds(settings).items():
            self._baselines(settings, host, *self._cases(kind, host))

    def _cases(self, kind: str, host: str) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
        """Draws that baselines are calibrated on, and those that all are scored on."""
        return self.draws(kind, host, FIRST - 10_000, self.calibration), self.draws(kind, host, FIRST, self.cases)

    def _scored(self, model: Model, settings: Settings, kind: str, host: str) -> dict[str, CandidateScores]:
        before, draws = self._cases(kind, host)
        own = compare.compared(draws, {}, {}, source_posterior(model, draws, trusted=True).nodes)
        return own | self._baselines(settings, host, before, draws)

    def _told_notes(self) -> tuple[str, ...]:
        counts = [f"{method} is asked about {number} cases of each kind" for method, _, number in self._told_methods()]
        return tuple(f"told the mechanism, its rates and the time of the look, {one}" for one in counts)

    def _told_methods(self) -> tuple[tuple[str, Told, int], ...]:
        """Methods that are told rates and time, and how many cases of each kind they are asked about."""
        return ("dmp", told_messages, self.told_cases), ("soft_margin", told_margin, self.margin_cases)

    def _baselines(
        self, settings: Settings, host: str, before: dict[str, NDArray[Any]], draws: dict[str, NDArray[Any]]
    ) -> dict[str, CandidateScores]:
        def make() -> dict[str, CandidateScores]:
            rules = compare.CENTRALITIES
            factors = compare.calibrated(rules, before)
            methods = compare.compared(draws, rules, factors)
            for method, answers, number in self._told_methods():
                calibration, cases = answers(before, host, number), answers(draws, host, number)
                methods[method] = told(draws, cases, calibration, before)
            return compare.with_rumor_centrality(methods, compare.better_rumor(before, factors))

        scored_on = {f"before/{name}": values for name, values in before.items()} | draws
        of = f"{self.name} {METHODS_VERSION} {self.told_cases} {self.margin_cases}"
        return kept_scores(settings.cache, of, scored_on, make)


class SourceHardLarge(SourceHard):
    """Of larger cascades, among whose nodes chance and every method are lost sooner."""

    name = "source-hard-large"
    least = 40

    def _told_methods(self) -> tuple[tuple[str, Told, int], ...]:
        """None, for their cost."""
        return ()


class SourceHardTimes(SourceHard):
    """With relative times of three reported nodes in ten, with noise of a tenth of their standard deviation."""

    name = "source-hard-times"
    clock = 1

    def _told_methods(self) -> tuple[tuple[str, Told, int], ...]:
        """None: they do not look at times, and `SourceHard` has scored them."""
        return ()


def told(
    draws: dict[str, NDArray[Any]],
    answers: list[Array | None],
    before: list[Array | None],
    calibration: dict[str, NDArray[Any]],
) -> CandidateScores:
    """Scores of answers (node,) of each case, sharpened on other cases; nothing where there is no answer."""
    pairs = [
        (one, seen.began) for one, seen in zip(before, single_snapshots(calibration), strict=True) if one is not None
    ]
    factor = compare.sharpness([one for one, _ in pairs], [truth for _, truth in pairs])
    nothing = dict.fromkeys(CandidateScores.__dataclass_fields__, np.nan)
    return collected(
        [
            nothing if one is None else score_case(compare.log_softmax(factor * one), seen.began, seen.hops())
            for one, seen in zip(answers, single_snapshots(draws), strict=True)
        ]
    )


def told_messages(draws: dict[str, NDArray[Any]], host: str, number: int) -> list[Array | None]:
    """Log likelihoods (node,) of the first ``number`` cases by dynamic message passing."""
    found: list[Array | None] = []
    for row, seen in enumerate(single_snapshots(draws)):
        if row >= number:
            found.append(None)
            continue
        rows = rows_of_draw(draws, row, host)
        rate, leaving = rates(draws, row, rows[0])
        found.append(dynamic_messages(seen, rate, leaving, float(draws["age"][row])))
    return found


def told_margin(draws: dict[str, NDArray[Any]], host: str, number: int) -> list[Array | None]:
    """Log scores (node,) of the first ``number`` cases by soft margin."""
    found: list[Array | None] = []
    for row in range(len(draws["age"])):
        if row >= number:
            found.append(None)
            continue
        rows = rows_of_draw(draws, row, host)
        rate, leaving = rates(draws, row, rows[0])
        who = np.flatnonzero(np.isfinite(draws["infection_time"][row])).astype(np.int32)
        out = np.empty(len(who))
        horizon = float(draws["age"][row])
        soft_margin(*rows, who, horizon, rate, leaving, MARGIN_RUNS, MARGIN, 1, row, out)
        found.append(out)
    return found


def rates(draws: dict[str, NDArray[Any]], row: int, offsets: NDArray[np.int64]) -> tuple[float, float]:
    """Rates of transmission along a tie and of recovery of a draw, 1 / day, as the simulator has them."""
    rate = float(draws["rate"][row])
    if draws["mechanism"][row] == 0:
        return rate, 0.0
    probability = min(float(draws["reproduction"][row]) / float(mean_excess_degree(offsets)), 0.95)
    return rate, rate * (1.0 - probability) / probability


def rows_of_draw(draws: dict[str, NDArray[Any]], row: int, host: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Rows of the whole graph of a draw."""
    if host:
        return read_host(host).rows
    names = ("graph_family", "graph_nodes", "graph_degree", "graph_shape")
    family, nodes, degree, shape = (draws[name][row] for name in names)
    offsets, neighbours = random_graph(
        int(family), int(nodes), float(degree), float(shape), 0, int(draws["graph_seed"][row])
    )
    return offsets, neighbours
