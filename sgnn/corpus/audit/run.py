"""An audit: every check sees the blocks as they stream by; then all of their tests are judged as one family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sgnn.corpus.audit.accounting import AccountingCheck
from sgnn.corpus.audit.contract import Batch, Check, Finding, Outcome
from sgnn.corpus.audit.duplicates import DuplicateCheck
from sgnn.corpus.audit.losses import LossCheck
from sgnn.corpus.audit.mechanisms import MechanismCheck
from sgnn.corpus.audit.neighbours import NeighbourCheck
from sgnn.corpus.audit.outputs import OutputCheck
from sgnn.corpus.audit.prior import PriorCheck
from sgnn.corpus.audit.ranks import Ranker
from sgnn.corpus.audit.replay import ReplayCheck
from sgnn.corpus.audit.significance import FALSE_ALARMS, holm
from sgnn.corpus.audit.subject import Subject, subject_of

if TYPE_CHECKING:
    from sgnn.corpus.plan import Block
    from sgnn.corpus.reader import Corpus

QUICK_BLOCKS = 8
"""Blocks that a quick audit looks at."""


@dataclass(frozen=True)
class Section:
    """What one check says."""

    name: str
    outcome: Outcome
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Verdict, figures and notes."""
        told = {"findings": len(self.findings), "looked_at": self.outcome.seen, "worst": self.outcome.worst}
        return {**told, "tests": len(self.outcome.tests), "notes": list(self.outcome.notes), **self.outcome.figures}


@dataclass(frozen=True)
class Audit:
    """Findings of an audit, and the figures of every check in the order in which they stand."""

    name: str
    version: int
    draws: int
    blocks: int
    blocks_seen: int
    sections: tuple[Section, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, check by check; nothing in a sound corpus, but for a false alarm in a hundred."""
        return tuple(finding for section in self.sections for finding in section.findings)

    @property
    def sound(self) -> bool:
        """Whether there is no finding."""
        return not self.findings

    def section(self, name: str) -> Section:
        """What a check says. Raises `KeyError`."""
        return {section.name: section for section in self.sections}[name]

    def to_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "name": self.name,
            "version": self.version,
            "sound": self.sound,
            "draws": self.draws,
            "blocks": self.blocks,
            "blocks_seen": self.blocks_seen,
            "false_alarms": FALSE_ALARMS,
            "findings": [asdict(finding) for finding in self.findings],
            "checks": {section.name: section.to_json() for section in self.sections},
        }


def audit(corpus: Corpus, *, quick: bool = False, on_block: Callable[[int], None] | None = None) -> Audit:
    """Audit a version of a corpus: read each block once, and simulate some draws again.

    ``quick`` looks at some blocks only, spread over the corpus. ``on_block`` is told each block's index as it is done.
    Raises `CorruptCorpusError` where a block cannot be read.
    """
    blocks = chosen_blocks(corpus.blocks, QUICK_BLOCKS) if quick else corpus.blocks
    subject = subject_of(corpus, blocks)
    ranker = Ranker(subject)
    checks = checks_of(subject, ranker)
    for block in blocks:
        arrays = corpus.read(block)
        batch = Batch(block, arrays, ranker.ranks(arrays["theta"], arrays["mechanism"]))
        for check in checks:
            check.see(batch)
        if on_block is not None:
            on_block(block.index)
    outcomes = {check.name: check.close() for check in checks}
    return Audit(corpus.name, corpus.version, corpus.number, len(corpus.blocks), len(blocks), judged(outcomes))


def checks_of(subject: Subject, ranker: Ranker) -> tuple[Check, ...]:
    """All checks, in the order in which they are told."""
    return (
        AccountingCheck(subject),
        MechanismCheck(subject),
        PriorCheck(subject, ranker),
        LossCheck(subject),
        OutputCheck(subject),
        DuplicateCheck(subject),
        NeighbourCheck(subject),
        ReplayCheck(subject),
    )


def judged(outcomes: Mapping[str, Outcome]) -> tuple[Section, ...]:
    """Outcomes with the findings of the tests that are rejected, all tests of the audit being one family."""
    tests = [(name, test) for name, outcome in outcomes.items() for test in outcome.tests]
    corrected = holm([test.p_value for _, test in tests])
    rejected: dict[str, list[Finding]] = {name: [] for name in outcomes}
    for (name, test), p_value in zip(tests, corrected, strict=True):
        if p_value <= FALSE_ALARMS and test.material:
            rejected[name].append(replace(test.finding, p_value=p_value))
    return tuple(
        Section(name, outcome, (*outcome.findings, *_one_each(rejected[name]))) for name, outcome in outcomes.items()
    )


def _one_each(findings: Sequence[Finding]) -> list[Finding]:
    """The surest finding about each thing, surest first."""
    found: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda one: one.p_value or 0.0):
        found.setdefault(finding.about, finding)
    return list(found.values())


def chosen_blocks(blocks: Sequence[Block], number: int) -> tuple[Block, ...]:
    """Some blocks, spread evenly, the first and the last among them."""
    places = np.unique(np.linspace(0, len(blocks) - 1, min(number, len(blocks))).astype(int))
    return tuple(blocks[int(at)] for at in places)
