"""What was looked at and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """A broken rule: what was seen, and what to change."""

    rule: str
    seen: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.seen}; {self.remedy}"


@dataclass(frozen=True)
class Report:
    """Outcome of a check: the rules looked at, the findings, and what is worth knowing besides.

    ``skipped`` are rules that an earlier finding left nothing to look at; ``measures`` are seconds.
    """

    subject: str
    version: str
    draws: int
    looked_at: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def rules(self) -> tuple[str, ...]:
        """All rules that the subject is held to."""
        return (*self.looked_at, *self.skipped)

    def state(self, rule: str) -> str:
        """`ok`, `broken`, or `not looked at` for a rule that an earlier finding left nothing to look at."""
        if rule in self.skipped:
            return "not looked at"
        return "broken" if rule in self.broken() else "ok"

    def broken(self) -> tuple[str, ...]:
        """Rules that were broken, in order."""
        return tuple(dict.fromkeys(finding.rule for finding in self.findings))

    def raise_for_findings(self) -> None:
        """Do nothing, or raise `AssertionError` with a line for each finding."""
        if self.findings:
            lines = "\n".join(f"  {finding}" for finding in self.findings)
            raise AssertionError(f"{self.subject} does not conform:\n{lines}")

    def to_json(self) -> dict[str, Any]:
        """JSON form, with whether the subject conforms."""
        return {**asdict(self), "measures": dict(self.measures), "conforms": self.conforms}


@dataclass
class Notebook:
    """Findings and notes as they come in, while a check runs."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    measures: dict[str, float] = field(default_factory=dict)
    looked_at: list[str] = field(default_factory=list)

    def look(self, rules: Iterable[str], found: Iterable[Finding]) -> bool:
        """Enter what was found by rules; whether that is nothing."""
        self.looked_at.extend(rule for rule in rules if rule not in self.looked_at)
        found = tuple(found)
        self.findings.extend(found)
        return not found
