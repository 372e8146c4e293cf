"""Whether asked = ok + failed + quarantined in every block and in the version, and every loss has its reason and θ."""

from __future__ import annotations

from collections import Counter

import numpy as np

from sgnn.corpus.audit.contract import Batch, Check, Finding, Outcome
from sgnn.corpus.audit.subject import Subject
from sgnn.corpus.layout import STATUSES

_SHOWN = 10
_REMEDY = "`sgnn corpus verify --repair` makes damaged blocks again; if they verify, build the corpus anew"


class AccountingCheck(Check):
    """Statuses in the arrays against the records, and both against the version's counts."""

    name = "accounting"

    def __init__(self, subject: Subject) -> None:
        self._corpus, self._sampled = subject.corpus, subject.sampled
        self._problems = {problem.draw: problem for problem in subject.corpus.problems()}
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
        for at in np.flatnonzero(status > 0):
            self._see_loss(block.start + int(at), int(status[at]), batch.arrays["theta"][at])
        for draw in range(block.start, block.stop) if len(self._problems) else ():
            if draw in self._problems and status[draw - block.start] == 0:
                self._wrong(f"draw {draw}", f"is ok, but its record says {self._problems[draw].status}")

    def _see_loss(self, draw: int, status: int, theta: np.ndarray) -> None:
        problem = self._problems.get(draw)
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

    def _wrong(self, about: str, message: str) -> None:
        self._findings.append(Finding(self.name, about, message, _REMEDY))
