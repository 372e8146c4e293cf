"""The protocol `source-number`: how many began a cascade, one, two or three, from one look without times.

Graphs and spread are those of `source-hard`; one number is as frequent as the other, which all methods are told. The
scores are those of the number: `top1` that it is right, `mean_hops` how far the decision of least expected distance is
off.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.protocols.hard import FIRST, KEY, SourceHard
from sgnn.domains.cascades.source.posterior import source_posterior
from sgnn.domains.cascades.source.summaries import SUMMARIES, snapshot_summaries
from sgnn.domains.cascades.spread.models import NUMBERS, SHARES
from sgnn.evaluation.sources.outcome import MODEL, SourceBenchmark
from sgnn.evaluation.sources.scores import collected, score_case
from sgnn.learning.model import Model
from sgnn.settings import Settings

Array = NDArray[np.float64]
CALIBRATION = 600
_KINDS = 4
_APART = np.abs(np.subtract.outer(np.array(NUMBERS), np.array(NUMBERS)))


class SourceNumber(SourceHard):
    """Beside chance, and beside counts of how often so many parts of such a size have so many origins."""

    name = "source-number"
    origins: ClassVar[Any] = {"distribution": "categorical", "values": list(NUMBERS)}

    def __init__(self, cases: int = 1000, calibration: int = CALIBRATION, hosts: bool = True) -> None:
        super().__init__(cases=cases, calibration=calibration, hosts=hosts)

    def tiny(self) -> SourceNumber:
        """A few cases, on random graphs only."""
        return SourceNumber(cases=12, calibration=24, hosts=False)

    def prepare(self, settings: Settings) -> None:
        """Nothing is dear enough to be kept."""

    def run(self, model: Model, settings: Settings, name: str = "model") -> SourceBenchmark:
        """Score on cascades that no corpus holds. Raises `DataError` for a model that names no source."""
        cases: dict[str, list[dict[str, float]]] = {MODEL: [], "parts": [], "chance": []}
        groups, at, named = {}, 0, 0.0
        for kind, host in self._kinds(settings).items():
            before, draws = self._cases(kind, host)
            posterior = source_posterior(model, draws, trusted=True)
            answers = {
                MODEL: told_shares(posterior.origins),
                "parts": by_parts(before, draws),
                "chance": np.full_like(posterior.origins, 1.0 / len(NUMBERS)),
            }
            truth = draws["origin_count"].astype(np.int64) - 1
            for method, probability in answers.items():
                cases[method] += scored(probability, truth)
            pairs = zip(posterior.nodes, draws["began"], strict=True)
            named += sum(bool(began[: len(one)][one.argmax()]) for one, began in pairs)
            groups[kind] = tuple(range(at, at + len(truth)))
            at += len(truth)
        return SourceBenchmark(
            protocol=self.name,
            model=name,
            methods={method: collected(found) for method, found in cases.items()},
            groups=groups,
            data={f"draws from {FIRST}": KEY},
            notes=(
                "the number of those who began, 1, 2 or 3, each in a third of the cases, which all methods are told",
                "`parts` is how often as many parts of a snapshot of about its size have so many origins, on other "
                "cases of the same kind",
                "the network is told that no tie is missing and no report false, which `parts` takes for granted",
                f"the most probable node is one of those who began in {100 * named / max(at, 1):.1f} % of the cases",
            ),
        )


def told_shares(probability: Array) -> Array:
    """Posterior (case, number) where each number is as frequent, from one under the shares that are taught."""
    odds = probability / np.array(SHARES)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def by_parts(before: dict[str, NDArray[Any]], draws: dict[str, NDArray[Any]]) -> Array:
    """Frequencies (case, number) among other cases of the same class of size and number of parts; one more of each."""
    edges = np.quantile(_of(before)[0], np.linspace(0.0, 1.0, _KINDS + 1)[1:-1])

    def classes(some: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
        reports, parts = _of(some)
        several = np.minimum(np.rint(np.exp(parts)).astype(np.int64), len(NUMBERS)) - 1
        return np.searchsorted(edges, reports) * len(NUMBERS) + several

    counts = np.ones((_KINDS * len(NUMBERS), len(NUMBERS)))
    np.add.at(counts, (classes(before), before["origin_count"].astype(np.int64) - 1), 1.0)
    return np.asarray((counts / counts.sum(axis=1, keepdims=True))[classes(draws)])


def scored(probability: Array, truth: NDArray[np.int64]) -> list[dict[str, float]]:
    """Scores of each case from probabilities (case, number)."""
    logs = np.log(np.maximum(probability, 1e-12))
    return [score_case(one, np.arange(len(one)) == right, _APART) for one, right in zip(logs, truth, strict=True)]


def _of(draws: dict[str, NDArray[Any]]) -> tuple[Array, Array]:
    """Log reports and log parts (case,)."""
    found = snapshot_summaries(draws)
    return found[:, SUMMARIES.index("reports")], found[:, SUMMARIES.index("parts")]
