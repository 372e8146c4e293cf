"""The facts of a datasheet, gathered from a version's manifest, its recipe, its simulators and an audit."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sgnn.corpus.assembly import mixture_of, pipeline_of
from sgnn.corpus.assumptions import PriorLine, prior_lines, settings_words
from sgnn.corpus.tags import tags

if TYPE_CHECKING:
    from sgnn.corpus.audit import Audit
    from sgnn.corpus.reader import Corpus
    from sgnn.corpus.sections import CorpusSection
    from sgnn.corpus.status import CorpusStatus
    from sgnn.simulation.generator import Schema
    from sgnn.simulation.simulator import Simulator

_MECHANISMS = "mechanisms"


@dataclass(frozen=True)
class MechanismLine:
    """One mechanism: which program it is, how often it was to be drawn, and what became of its draws."""

    name: str
    version: str
    summary: str
    share: float
    """Its weight among all."""
    draws: int | None = None
    """Of those that the audit looked at; None without an audit."""
    failed: int | None = None
    quarantined: int | None = None


@dataclass(frozen=True)
class DatasheetFacts:
    """What a datasheet says of one version."""

    name: str
    version: int
    purpose: str
    """What the recipe says it is for; empty where only the corpus is at hand."""
    status: CorpusStatus
    schema: Schema
    section: CorpusSection
    mechanisms: Sequence[MechanismLine]
    observation: Sequence[tuple[str, str, str]]
    """Stages: operator, its version, its settings in words."""
    priors: Sequence[PriorLine]
    key: str
    content_digest: str
    bytes: int
    committed: str
    tags: Sequence[str] = ()
    audit: Audit | None = None
    now_differs: Sequence[str] = field(default_factory=tuple)
    """What is installed now and is not what made the corpus; its priors above are those of now."""


def datasheet_facts(corpus: Corpus, audit: Audit | None = None, purpose: str = "") -> DatasheetFacts:
    """Facts of an opened version. Raises `UnknownNameError` where a simulator of its recipe is not installed."""
    section, manifest = corpus.recipe, corpus.manifest
    return DatasheetFacts(
        name=corpus.name,
        version=corpus.version,
        purpose=purpose,
        status=corpus.status,
        schema=corpus.schema,
        section=section,
        mechanisms=_mechanisms(section, audit),
        observation=_observation(section),
        priors=prior_lines(section),
        key=manifest.key,
        content_digest=manifest.content_digest,
        bytes=manifest.stored_bytes,
        committed=manifest.committed,
        tags=tuple(sorted(name for name, version in tags(corpus.store).items() if version == corpus.version)),
        audit=audit,
        now_differs=_changed(corpus, section),
    )


def _mechanisms(section: CorpusSection, audit: Audit | None) -> tuple[MechanismLine, ...]:
    total = sum(entry.weight for entry in section.simulators)
    counted = {} if audit is None else {row["mechanism"]: row for row in _rows(audit)}
    return tuple(
        MechanismLine(
            name=entry.name,
            version=str(component.simulator.version),
            summary=summary(component.simulator),
            share=entry.weight / total,
            **{
                name: _count(counted.get(component.simulator.name), name) for name in ("draws", "failed", "quarantined")
            },
        )
        for entry, component in zip(section.simulators, mixture_of(section).components, strict=True)
    )


def _rows(audit: Audit) -> Sequence[Mapping[str, object]]:
    rows: Sequence[Mapping[str, object]] = audit.section(_MECHANISMS).outcome.figures[_MECHANISMS]
    return rows


def _count(row: Mapping[str, object] | None, name: str) -> int | None:
    return None if row is None else int(str(row[name]))


def _observation(section: CorpusSection) -> tuple[tuple[str, str, str], ...]:
    operators = pipeline_of(section).operators
    return tuple(
        (entry.operator, str(operator.version), settings_words(entry.settings))
        for entry, operator in zip(section.observation, operators, strict=True)
    )


def _changed(corpus: Corpus, section: CorpusSection) -> tuple[str, ...]:
    from sgnn.corpus.digest import corpus_key

    if corpus_key(section) == corpus.manifest.key:
        return ()
    return ("a simulator, an operator or a default prior has another version than when this corpus was made",)


def summary(simulator: Simulator) -> str:
    """First line of what a simulator says of itself."""
    return (inspect.getdoc(type(simulator)) or "").partition("\n")[0]
