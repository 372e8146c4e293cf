"""What a report is made of: plain data, all of it given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sgnn.corpus.audit import Audit
    from sgnn.corpus.reader import Corpus
    from sgnn.corpus.recipe import Recipe
    from sgnn.evaluation.outcome import Outcome


@dataclass(frozen=True)
class Stage:
    """One stage of the run: what it did, how long it took, and under which run it is tracked."""

    name: str
    outcome: str
    seconds: float | None = None
    run: str = ""
    """Id of its run in MLflow, whose first eight figures are shown."""
    flow_run: str = ""
    """Id of its run in Prefect, likewise."""


@dataclass(frozen=True)
class GateLine:
    """What a gate asked, what it saw, and whether it let the model pass."""

    name: str
    asked: str
    seen: str
    passed: bool


@dataclass(frozen=True)
class ReportContent:
    """All inputs of a report. What is empty is said in words, never left as a gap.

    ``training`` is a training result as JSON (steps, windows, curve, …); ``missing`` says why a protocol has no
    benchmark; ``provenance`` and ``environment`` are lines of name and value; ``command`` makes the same again;
    ``audit`` is that of the corpus, if one was made.
    """

    recipe: Recipe
    model: str
    alias: str
    corpus: Corpus
    training: Mapping[str, Any]
    benchmarks: Mapping[str, Outcome] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    gates: Sequence[GateLine] = ()
    stages: Sequence[Stage] = ()
    provenance: Sequence[tuple[str, str]] = ()
    environment: Sequence[tuple[str, str]] = ()
    command: str = ""
    audit: Audit | None = None
