"""Gates: which benchmark figures a model version must show before it becomes champion. Pure, and without MLflow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sgnn.corpus.sections import Gate

__all__ = ["GateOutcome", "better", "evaluate", "figure", "sample", "shortfall_text"]

Benchmarks = Mapping[str, Mapping[str, Any]]
"""Benchmark JSON by protocol."""

HIGHER_IS_BETTER = frozenset({"skill", "r2", "accuracy", "top1", "auc", "log_likelihood", "log_score"})


@dataclass(frozen=True)
class GateOutcome:
    """What one gate said of one model version."""

    gate: str
    protocol: str
    metric: str
    value: float | None
    """The figure that was looked at; None where it was not measured."""
    expected: str
    """The condition in words, such as `<= 0.65`."""
    passed: bool
    reason: str
    shortfall: float | None = None
    """By how much a measured figure fails; None where it passed or was not measured."""

    def to_json(self) -> dict[str, Any]:
        """Fields as a JSON object."""
        return dict(vars(self))


def evaluate(
    gates: Sequence[Gate], benchmarks: Benchmarks, champion: Benchmarks | None = None
) -> tuple[GateOutcome, ...]:
    """Outcome of every gate, in their order, from benchmark JSON by protocol; `champion` holds that of the champion.

    A protocol or figure that is missing or not finite has not been measured, and its gate does not pass. A comparison
    with the champion passes where there is no champion, or where the champion was never measured so.
    """
    return tuple(_evaluate_one(gate, benchmarks, champion) for gate in gates)


def figure(benchmark: Mapping[str, Any] | None, path: str) -> float | None:
    """Figure at a dotted path of a benchmark's JSON, or None where there is no finite one.

    `scores.relative_mae` and `relative_mae` are the same; `variants.NAME.scores.coverage.90` reaches into a variant.
    """
    if benchmark is None:
        return None
    found = at_path(benchmark if path.split(".")[0] in benchmark else benchmark.get("scores", {}), path)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        return None
    return float(found)


def sample(benchmark: Mapping[str, Any], path: str) -> int | None:
    """Number of forecasts that the figure at a path is a mean of, or of series for estimates; None where not told.

    The nearest number counts, from the figure's own place upwards: a variant has its own.
    """
    keys = (path if path.split(".")[0] in benchmark else f"scores.{path}").split(".")
    places = (
        benchmark if not depth else at_path(benchmark, ".".join(keys[:depth])) for depth in range(len(keys) - 1, -1, -1)
    )
    for place in places:
        for name in ("forecasts", "series"):
            found = place.get(name) if isinstance(place, Mapping) else None
            if isinstance(found, int) and not isinstance(found, bool):
                return found
    return None


def better(metric: str, one: float, other: float) -> bool:
    """Whether one figure of a metric is better than another: coverage by its distance from nominal."""
    return _badness(metric, one) < _badness(metric, other)


def at_path(document: Any, path: str) -> Any:
    """What stands at a dotted path of a JSON document, or None where nothing does."""
    for key in path.split("."):
        if not isinstance(document, Mapping) or key not in document:
            return None
        document = document[key]
    return document


def shortfall_text(outcomes: Sequence[GateOutcome]) -> str:
    """The gates that did not pass, each with its reason, in one line."""
    return "; ".join(f"gate '{outcome.gate}': {outcome.reason}" for outcome in outcomes if not outcome.passed)


def _evaluate_one(gate: Gate, benchmarks: Benchmarks, champion: Benchmarks | None) -> GateOutcome:
    value = figure(benchmarks.get(gate.protocol), gate.metric)
    if value is not None and gate.minimum_sample is not None:
        found = sample(benchmarks[gate.protocol], gate.metric)
        if found is None or found < gate.minimum_sample:
            return _too_few(gate, value, found)
    if gate.comparison == "not_worse_than_champion":
        return _against_champion(gate, value, champion)
    if gate.comparison == "within":
        expected = f"within {_short(gate.low)} to {_short(gate.high)}"
    else:
        expected = f"{gate.comparison} {_short(gate.value)}"
    if value is None:
        return _not_measured(gate, expected)
    excess = {
        "<=": lambda: value - _bound(gate.value),
        ">=": lambda: _bound(gate.value) - value,
        "within": lambda: max(_bound(gate.low) - value, value - _bound(gate.high)),
    }[gate.comparison]()
    return _judged(gate, value, expected, excess)


def _against_champion(gate: Gate, value: float | None, champion: Benchmarks | None) -> GateOutcome:
    reference = figure(champion.get(gate.protocol), gate.metric) if champion is not None else None
    expected = f"not worse than the champion by more than {_short(gate.margin)}"
    if value is None:
        return _not_measured(gate, expected)
    if reference is None:
        reason = "there is no champion" if champion is None else "the champion was not measured on it"
        return GateOutcome(gate.name, gate.protocol, gate.metric, value, expected, True, reason)
    expected = f"{expected} (champion {_short(reference)})"
    excess = _badness(gate.metric, value) - _badness(gate.metric, reference) - gate.margin
    return _judged(gate, value, expected, excess)


def _badness(metric: str, value: float) -> float:
    """A figure turned so that lower is better: coverage by its distance from nominal, skills by their negative."""
    keys = metric.split(".")
    if len(keys) > 1 and keys[-2] == "coverage":
        return abs(value - float(keys[-1]) / 100)
    return -value if keys[-1] in HIGHER_IS_BETTER else value


def _judged(gate: Gate, value: float, expected: str, excess: float) -> GateOutcome:
    # bounds are written in decimal figures: a rounding error of binary ones is no shortfall
    passed = excess <= 1e-12
    said = f"{gate.protocol} {gate.metric} is {_short(value)}, expected {expected}"
    reason = said if passed else f"{said}, short by {_short(excess)}"
    shortfall = None if passed else excess
    return GateOutcome(gate.name, gate.protocol, gate.metric, value, expected, passed, reason, shortfall)


def _not_measured(gate: Gate, expected: str) -> GateOutcome:
    reason = f"not measured: {gate.protocol} {gate.metric}, expected {expected}"
    return GateOutcome(gate.name, gate.protocol, gate.metric, None, expected, False, reason)


def _too_few(gate: Gate, value: float, found: int | None) -> GateOutcome:
    expected = f"at least {gate.minimum_sample:,} in the sample"
    said = "its sample is not told" if found is None else f"it rests on {found:,}"
    reason = f"{gate.protocol} {gate.metric} is {_short(value)}, but {said}, expected {expected}"
    return GateOutcome(gate.name, gate.protocol, gate.metric, value, expected, False, reason)


def _bound(value: float | None) -> float:
    assert value is not None  # the recipe's gate has checked that its comparison has its bounds
    return value


def _short(value: float | None) -> str:
    return f"{value:.4g}" if value is not None else "?"
