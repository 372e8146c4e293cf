"""Whether outputs say anything: constant or dead ones, missing values, values out of range, types that saturate."""

from __future__ import annotations

from typing import Any

import numpy as np

from sgnn.corpus.audit.contract import Array, Batch, Check, Finding, Outcome
from sgnn.corpus.audit.subject import Subject
from sgnn.simulation.simulator import Variable
from sgnn.simulation.verdict import outside

FEWEST = 16
"""Draws from which on an output that never changes is a finding."""


class OutputCheck(Check):
    """Every stored variable over the draws that are ok."""

    name = "outputs"

    def __init__(self, subject: Subject) -> None:
        self._variables = [_Seen(variable) for variable in subject.corpus.schema.variables]
        self._bad: dict[str, tuple[int, str]] = {}
        names = frozenset(seen.variable.name for seen in self._variables)
        self._given = subject.given or tuple(names for _ in subject.corpus.schema.mechanisms)
        self._notes = () if subject.given else (f"all variables were expected of all mechanisms: {subject.missing}",)

    def see(self, batch: Batch) -> None:
        """Take in a block's draws that are ok: of each variable those of the mechanisms that give it."""
        mechanism, ok = batch.arrays["mechanism"], batch.arrays["status"] == 0
        for seen in self._variables:
            name, size = seen.variable.name, seen.variable.size
            givers = [index for index, given in enumerate(self._given) if name in given]
            mine = ok if len(givers) == len(self._given) else ok & np.isin(mechanism, givers)
            rows = np.flatnonzero(mine)
            if not len(rows):
                continue
            own = {one: _rows(batch.arrays[one], rows) for one in (name, size) if one is not None}
            for row, reason in outside([seen.variable], own).items():
                number, first = self._bad.get(name, (0, f"draw {batch.block.start + rows[row]} the first: {reason}"))
                self._bad[name] = number + 1, first
            seen.see(own[name], own[size] if size is not None else None)

    def close(self) -> Outcome:
        """A row for each variable; dead, constant and saturated ones are findings."""
        findings = [
            Finding(
                "outputs",
                name,
                f"{number:,} draws that are ok should be quarantined, {first}",
                "`sgnn corpus verify` tells whether the files are damaged; if not, build the corpus anew",
            )
            for name, (number, first) in self._bad.items()
        ]
        for seen in self._variables:
            findings += seen.findings()
        missing = max(self._variables, key=lambda one: one.missing_share, default=None)
        worst = ""
        if missing is not None and missing.missing_share:
            worst = f"{missing.variable.name}: {missing.missing_share:.1%} missing"
        draws = max((seen.draws for seen in self._variables), default=0)
        figures = {"variables": [seen.row() for seen in self._variables]}
        return Outcome(
            f"{len(self._variables)} variables of {draws:,} ok draws", worst, figures, tuple(findings), (), self._notes
        )


class _Seen:
    """What is kept of one variable."""

    def __init__(self, variable: Variable) -> None:
        self.variable = variable
        self.draws = self.values = self.missing = self.zeros = self.saturated = self.flat = 0
        self.low, self.high = np.inf, -np.inf
        self._first: Array | None = None
        self._changes = False

    @property
    def missing_share(self) -> float:
        """Share of values that are NaN."""
        return self.missing / self.values if self.values else 0.0

    def see(self, values: Array, lengths: Array | None) -> None:
        """Take in (draw, …); ``lengths`` (draw,) of the first dimension where it is ragged."""
        rows = values.reshape(len(values), -1)
        self.draws += len(rows)
        if self._first is None:
            self._first = rows[0].copy()
        if not self._changes:
            self._changes = not np.array_equal(rows, np.broadcast_to(self._first, rows.shape), equal_nan=_floats(rows))
        if rows.shape[1] > 1:
            self.flat += int((rows == rows[:, :1]).all(axis=1).sum())
        valid = values if lengths is None else values[np.arange(values.shape[1]) < lengths[:, None]]
        self.values += valid.size
        if not valid.size:
            return
        known = valid
        if _floats(valid):
            absent = np.isnan(valid)
            number = int(np.count_nonzero(absent))
            self.missing += number
            known = valid[~absent] if number else valid
        elif values.dtype.kind in "iu":
            limits = np.iinfo(values.dtype)
            self.saturated += int(np.count_nonzero(valid == limits.max))
            self.saturated += int(np.count_nonzero(valid == limits.min)) if limits.min else 0
        self.zeros += int(known.size - np.count_nonzero(known))
        if known.size:
            self.low, self.high = min(self.low, float(known.min())), max(self.high, float(known.max()))

    def findings(self) -> list[Finding]:
        """Why the variable is of no use, if it is not."""
        found = []
        name, known = self.variable.name, self.values - self.missing
        if self.saturated:
            said = f"{self.saturated:,} values are at the end of its type {self.variable.dtype}: others were cut off"
            found.append(Finding("outputs", name, said, "declare a wider type or a valid range, raise the version"))
        if self.draws < FEWEST:
            return found
        if not known:
            said = f"all values of all {self.draws:,} ok draws are missing"
            found.append(Finding("outputs", name, said, "mend what observes it, or leave it out of `keep`"))
        elif self.zeros == known:
            said = f"all values of all {self.draws:,} ok draws are zero"
            found.append(Finding("outputs", name, said, "let the simulator fill it, or leave it out of `keep`"))
        elif not self._changes:
            said = f"all {self.draws:,} ok draws have the same values: it depends on nothing"
            found.append(Finding("outputs", name, said, "let the simulator fill it, or leave it out of `keep`"))
        return found

    def row(self) -> dict[str, Any]:
        """Figures of the variable."""
        low, high = self.variable.valid_range
        known = self.values - self.missing
        return {
            "variable": self.variable.name,
            "role": self.variable.role,
            "unit": self.variable.unit,
            "least": self.low if known else None,
            "largest": self.high if known else None,
            "valid_range": [low if np.isfinite(low) else None, high if np.isfinite(high) else None],
            "missing_share": self.missing_share,
            "zero_share": self.zeros / known if known else 0.0,
            "flat_draws": self.flat,
            "saturated": self.saturated,
            "changes": self._changes,
        }


def _rows(values: Array, rows: Array) -> Array:
    """Some of the rows; all of them without a copy."""
    return values if len(rows) == len(values) else values[rows]


def _floats(values: Array) -> bool:
    return values.dtype.kind == "f"
