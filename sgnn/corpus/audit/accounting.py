"""Whether asked = ok + failed + quarantined in every block and in the version, and every loss has its reason and θ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sgnn.corpus.audit.contract import Array, Batch, Check, Finding, Outcome
from sgnn.corpus.audit.subject import Subject
from sgnn.corpus.layout import STATUSES

if TYPE_CHECKING:
    from sgnn.corpus.plan import Block
    from sgnn.corpus.record import Problem

_SHOWN = 10
_REMEDY = "`sgnn corpus verify --repair` makes damaged blocks again; if they verify, build the corpus anew"


class AccountingCheck(Check):
    """Statuses in the arrays against the records, and both against the version's counts."""

    name = "accounting"

    def __init__(self, subject: Subject) -> None:
        self._corpus, self._sampled = subject.corpus, subject.sampled
        self._problems = subject.corpus.problems()
        self._ahead: Problem | None = next(self._problems, None)
        self._counts: Counter[str] = Counter()
        self._findings: list[Finding] = []
        self._next = self._blocks = 0

    def see(self, batch: Batch) -> None:
        """Compare a block's statuses with its record."""
        block, status = batch.block, batch.arrays["status"]
        self._blocks += 1
        if not self._sampled and block.start != self._next:
            self._wrong(f"block {block.index}", f"starts at draw {block.start}, draw {self._next} was next")
        self._next = block.stop
        unknown = np.flatnonzero((status < 0) | (status >= len(STATUSES)))
        if len(unknown):
            self._wrong(f"block {block.index}", f"draw {block.start + unknown[0]} has the status {status[unknown[0]]}")
        for code, name in enumerate(STATUSES):
            self._counts[name] += int((status == code).sum())
        told = {problem.draw: problem for problem in self._told(block)}
        for at in np.flatnonzero(status > 0):
            draw = block.start + int(at)
            self._see_loss(draw, int(status[at]), batch.arrays["theta"][at], told.get(draw))
        for draw, problem in told.items():
            if status[draw - block.start] == 0:
                self._wrong(f"draw {draw}", f"is ok, but its record says {problem.status}")

    def _told(self, block: Block) -> Iterator[Problem]:
        """Draws of the block that its record calls lost."""
        while self._ahead is not None and self._ahead.draw < block.stop:
            if self._ahead.draw >= block.start:
                yield self._ahead
            self._ahead = next(self._problems, None)

    def _see_loss(self, draw: int, status: int, theta: Array, problem: Problem | None) -> None:
        if problem is None:
            self._wrong(f"draw {draw}", f"is {STATUSES[status] if status < 3 else status}, but no record says why")
        elif status < len(STATUSES) and problem.status != STATUSES[status]:
            self._wrong(f"draw {draw}", f"is {STATUSES[status]}, but its record says {problem.status}")
        elif not problem.reason.strip():
            self._wrong(f"draw {draw}", f"{problem.status} without an error text")
        elif len(theta) and not np.isfinite(theta).any():
            self._wrong(f"draw {draw}", f"{problem.status} and its parameters are not stored")

    def close(self) -> Outcome:
        """Counts of the arrays beside those of the version."""
        status = self._corpus.status
        told = {"ok": status.ok, "failed": status.failed, "quarantined": status.quarantined}
        if sum(told.values()) != status.asked:
            self._wrong(f"version {status.version}", f"{status.asked:,} asked, {sum(told.values()):,} accounted for")
        self._segments()
        if not self._sampled:
            for name in STATUSES:
                if self._counts[name] != told[name]:
                    said = f"counts {told[name]:,} {name}, its arrays hold {self._counts[name]:,}"
                    self._wrong(f"version {status.version}", said)
            if self._next != status.asked:
                self._wrong(f"version {status.version}", f"{status.asked:,} asked, its blocks hold {self._next:,}")
        worst = f"{status.asked:,} = {status.ok:,} ok + {status.failed:,} failed + {status.quarantined:,} quarantined"
        figures = {"asked": status.asked, **told, "blocks": self._blocks, "found": dict(self._counts)}
        findings = self._findings[:_SHOWN]
        if len(self._findings) > _SHOWN:
            more = f"and {len(self._findings) - _SHOWN:,} more of this kind"
            findings.append(Finding(self.name, "other draws", more, _REMEDY))
        return Outcome(f"{self._blocks:,} blocks", worst, figures, tuple(findings))

    def _segments(self) -> None:
        """Every segment adds up by itself, and all of them to the version, whose last block may go beyond its draws."""
        manifest = self._corpus.manifest
        total = 0
        for ref in manifest.segments:
            made = ref.ok + ref.failed + ref.quarantined
            total += made
            if made != ref.blocks * self._corpus.layout.block_draws:
                said = f"{ref.blocks} blocks of {self._corpus.layout.block_draws} draws, {made:,} accounted for"
                self._wrong(f"segment {ref.index}", said)
        if not total >= manifest.draws > total - self._corpus.layout.block_draws:
            self._wrong(f"version {manifest.version}", f"{manifest.draws:,} asked, its segments hold {total:,}")

    def _wrong(self, about: str, message: str) -> None:
        self._findings.append(Finding(self.name, about, message, _REMEDY))
