"""The model card: one page of Markdown that says what a model is for, what made it, how good it is, where it fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sgnn.corpus.assumptions import PriorLine
from sgnn.corpus.markdown import bullets, table
from sgnn.tracking.gates import GateOutcome, at_path, figure
from sgnn.tracking.lineage import Lineage

__all__ = ["CardFacts", "model_card"]

SCORES = (
    "relative_mae",
    "relative_wis",
    "skill",
    "mean_percent_error",
    "mean_squared_error",
    "coverage.50",
    "coverage.80",
    "coverage.90",
    "coverage.95",
)
HEADINGS = {
    "mean_percent_error": "mean error, %",
    "mean_squared_error": "mean squared error",
    "relative_mae": "relative MAE",
    "relative_wis": "relative WIS",
    **{f"coverage.{level}": f"{level} % coverage" for level in (50, 80, 90, 95)},
}
GAPS = {
    "largest_gap": "largest gap",
    "mean_gap": "mean gap",
    "expected_coverage_gap": "gap of expected coverage",
}
"""Distances between what quantiles promise and what came."""
_SIMULATED = (
    "It knows what its simulators can do. A series that no simulation resembles gets {} all the same: look at its "
    "typicality before relying on it."
)
_CALIBRATED = (
    "Its intervals were calibrated by simulation; their coverage on real data is above, where it was measured."
)
_PERSONS = "Not for decisions about single persons, nor as the only ground of a decision about many."
LIMITS = {
    "forecast": (
        _SIMULATED.format("a forecast"),
        _CALIBRATED,
        "It forecasts; it says nothing about what an intervention would change.",
    ),
    "estimate": (
        _SIMULATED.format("an answer"),
        _CALIBRATED,
        "A parameter is that of a mechanism: where the world follows none of those below, it may mean nothing.",
    ),
}
"""What a model cannot do, by its task."""
USES = {
    "forecast": (
        "Quantile forecasts of counts observed at even intervals, from a few weeks of history, without retraining.",
        _PERSONS,
    ),
    "estimate": (
        "Quantiles of the parameters of its mechanisms, and which of them it was, from a series of counts.",
        _PERSONS,
    ),
}
"""What a model is for, by its task."""


@dataclass(frozen=True)
class CardFacts:
    """What a model card says; every empty part is left out of it."""

    name: str
    description: str
    lineage: Lineage
    counts: Mapping[str, int] = field(default_factory=dict)
    """Draws asked, ok, failed, quarantined."""
    mechanisms: Mapping[str, float] = field(default_factory=dict)
    """Share of the draws by mechanism."""
    observation: Sequence[str] = ()
    """Stages of the observation pipeline."""
    priors: Sequence[PriorLine] = ()
    training: Mapping[str, Any] = field(default_factory=dict)
    """Steps, seconds, held-out loss and the like."""
    benchmarks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Benchmark JSON by protocol."""
    gates: Sequence[GateOutcome] = ()
    uses: Sequence[str] = USES["forecast"]
    limits: Sequence[str] = LIMITS["forecast"]
    licence: str = "Apache-2.0 for code and weights; the data of the benchmarks keep their own licences."


def model_card(facts: CardFacts) -> str:
    """The card as Markdown."""
    sections = (
        ("Intended use", bullets(facts.uses)),
        ("Benchmarks", _benchmarks(facts.benchmarks)),
        ("Gates", _gates(facts.gates)),
        ("Limits", bullets(facts.limits)),
        ("Corpus", _corpus(facts)),
        ("Mechanisms", table(("mechanism", "share"), [(k, f"{v:.1%}") for k, v in facts.mechanisms.items()])),
        ("Observation", bullets(facts.observation)),
        ("Training", table(("", ""), [(_words(k), _number(v)) for k, v in facts.training.items()])),
        ("Provenance", _provenance(facts.lineage)),
        ("Licence", facts.licence),
        # the longest comes last: a version's description has no room for all of it
        ("Priors", _priors(facts.priors)),
    )
    body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections if text)
    return f"# {facts.name}\n\n{facts.description}\n\n{body}\n"


def _corpus(facts: CardFacts) -> str:
    lineage = facts.lineage
    said = f"Trained on version {lineage.corpus_version} of the simulated corpus `{lineage.corpus_name}`, digest "
    said += f"`{lineage.corpus_digest}`; no real observation was used in training or in any choice."
    if not facts.counts:
        return said
    rows = [(_words(name), f"{count:,}") for name, count in facts.counts.items()]
    return f"{said}\n\n{table(('draws', 'number'), rows)}"


def _priors(priors: Sequence[PriorLine]) -> str:
    rows = [(f"`{line.name}`", line.distribution, line.unit, line.description, line.source) for line in priors]
    return table(("parameter", "prior", "unit", "meaning", "source"), rows)


def _benchmarks(benchmarks: Mapping[str, Mapping[str, Any]]) -> str:
    if not benchmarks:
        return "None was run: the files of real data were not there."
    return "\n\n".join(f"### {protocol}\n\n{_benchmark(benchmark)}" for protocol, benchmark in benchmarks.items())


def _benchmark(benchmark: Mapping[str, Any]) -> str:
    intervals = _intervals(benchmark)
    lines = [("**model**", benchmark.get("scores", {}), intervals.get("model", {}))]
    for name, part in benchmark.get("variants", {}).items():
        lines.append((f"model, {_words(name)}", part.get("scores", {}), _intervals(part).get("model", {})))
    for name, scores in (*benchmark.get("baselines", {}).items(), *benchmark.get("informed", {}).items()):
        lines.append((_words(name), scores, intervals.get(name, {})))
    shown = [score for score in SCORES if any(figure({"scores": scores}, score) is not None for _, scores, _ in lines)]
    rows = [(name, *(_score(scores, score, bounds) for score in shown)) for name, scores, bounds in lines]
    compared = table(("", *(HEADINGS.get(score, score) for score in shown)), rows)
    return "\n\n".join(part for part in (compared, _calibration(benchmark)) if part)


def _calibration(benchmark: Mapping[str, Any]) -> str:
    """How far quantiles are from what they promise: of every parameter, or of forecasts by steps ahead."""
    told = benchmark.get("calibration", {})
    lines = [(f"`{name}`", one) for name, one in told.get("parameters", {}).items()]
    lines += [(f"{one['horizon']} ahead", one) for one in told.get("by_horizon", ())]
    rows = [(name, *(f"{100 * one[gap]:.1f} %" for gap in GAPS), _p_value(one["rank_p_value"])) for name, one in lines]
    return table(("calibration", *GAPS.values(), "p of ranks"), rows)


def _p_value(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}"


def _intervals(benchmark: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Bootstrap intervals (low, high) by method and score, where the benchmark has any."""
    methods: Mapping[str, Mapping[str, Any]] = benchmark.get("intervals", {}).get("methods", {})
    return methods


def _score(scores: Mapping[str, Any], score: str, intervals: Mapping[str, Any]) -> str:
    value = figure({"scores": scores}, score)
    if value is None:
        return ""
    low, high = at_path(intervals, score) or (None, None)
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} ({low:.3f} to {high:.3f})"


def _gates(outcomes: Sequence[GateOutcome]) -> str:
    rows = [(outcome.gate, "passed" if outcome.passed else "not passed", outcome.reason) for outcome in outcomes]
    return table(("gate", "outcome", "reason"), rows)


def _provenance(lineage: Lineage) -> str:
    commit = f"`{lineage.git_commit}`" if lineage.git_commit else "not from a checkout"
    rows = [
        ("recipe", f"{lineage.recipe_name}, digest `{lineage.recipe_digest}`"),
        ("corpus", f"`{lineage.corpus_digest}`, content `{lineage.corpus_content_digest or 'not recorded'}`"),
        ("code", f"sgnn {lineage.code}, commit {commit}{' with uncommitted changes' if lineage.git_dirty else ''}"),
    ]
    return table(("", ""), rows)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
