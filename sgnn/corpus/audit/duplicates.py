"""Draws that are there twice: the same parameters, the same outputs, or one output that two draws share."""

from __future__ import annotations

from typing import Any

import numpy as np

from sgnn.corpus.audit.contract import Array, Batch, Check, Finding, Outcome
from sgnn.corpus.audit.subject import Subject
from sgnn.corpus.audit.twins import Twins, hashes_of
from sgnn.simulation.distributions import Categorical, Fixed
from sgnn.simulation.streams import Streams

TELLING = 12
"""Different values that a draw's output must have before an equal one in another draw is told."""
OF_VARIABLE = 1 << 18
"""Hashes kept of each variable; all of a corpus of that many draws."""
_REMEDY = "let every random number come from `streams` with the draw's own index; give the simulator a new version"


class DuplicateCheck(Check):
    """Equal draws, by 128-bit hashes; and stream identities, which are a function of the draw's index.

    Of single variables only rows with many different values are compared, and only where nearly all of them differ
    within their block: an output with few possible values recurs in sound corpora.
    """

    name = "duplicates"

    def __init__(self, subject: Subject) -> None:
        self._key = subject.corpus.layout.key
        self._names = [variable.name for variable in subject.corpus.schema.variables]
        self._continuous = _continuous(subject)
        self._theta, self._outputs = Twins(), Twins()
        self._variables = {name: _Variable() for name in self._names}
        self._wrong_seeds: list[int] = []
        self._draws = 0

    def see(self, batch: Batch) -> None:
        """Take in the hashes of a block's draws that are ok, of θ also those of others."""
        draws = np.arange(batch.block.start, batch.block.stop)
        self._draws += len(draws)
        expected = Streams(self._key, draws).seeds()
        self._wrong_seeds += draws[batch.arrays["seed"] != expected][: 10 - len(self._wrong_seeds)].tolist()
        mechanism = batch.arrays["mechanism"]
        drawn = np.flatnonzero(np.isin(mechanism, self._continuous))
        if len(drawn):
            self._theta.see(hashes_of([mechanism[drawn], batch.arrays["theta"][drawn]]), draws[drawn])
        rows = np.flatnonzero(batch.arrays["status"] == 0)
        if not len(rows) or not self._names:
            return
        hashes = {name: hashes_of([batch.arrays[name][rows]]) for name in self._names}
        telling = np.zeros(len(rows), dtype=bool)
        for name, seen in self._variables.items():
            told = has_many_values(batch.arrays[name][rows], TELLING)
            telling |= told
            seen.see(hashes[name][told], draws[rows[told]])
        self._outputs.see(hashes_of(list(hashes.values()))[telling], draws[rows[telling]])

    def close(self) -> Outcome:
        """Groups of equal draws."""
        findings = [
            Finding(
                "duplicates",
                f"draw {draw}",
                "its stored stream identity is not that of its index",
                "`sgnn corpus verify --repair`, or build the corpus anew",
            )
            for draw in self._wrong_seeds
        ]
        same_theta, same_outputs = self._theta.groups(), self._outputs.groups()
        findings += _told("parameters", same_theta, "have the same parameters as another one, drawn from a density")
        findings += _told("all outputs", same_outputs, "have the same outputs as another one, in every variable")
        rows = list[dict[str, Any]]()
        for name, seen in self._variables.items():
            groups = seen.twins.groups() if seen.distinct else []
            equal = _number(groups)
            rows.append({"variable": name, "compared": seen.telling, "equal": equal, "share": seen.twins.share})
            if not same_outputs:
                findings += _told(name, groups, "share its values with another one, to the last bit")
        figures: dict[str, Any] = {
            "same_parameters": _number(same_theta),
            "same_outputs": _number(same_outputs),
            "variables": rows,
            "share_compared": self._outputs.share,
        }
        compared = sum(row["compared"] > 0 for row in rows)
        worst = f"{_number(same_outputs):,} equal draws; {compared} of {len(rows)} variables compared singly"
        return Outcome(f"{self._draws:,} draws", worst, figures, tuple(findings))


class _Variable:
    """Hashes of one variable's telling rows, and whether such rows differ within a block."""

    def __init__(self) -> None:
        self.twins = Twins(OF_VARIABLE)
        self.telling = 0
        self._different = 0

    def see(self, hashes: Array, draws: Array) -> None:
        """Take in the telling rows of a block."""
        self.telling += len(hashes)
        self._different += len(np.unique(hashes[:, 0]))
        self.twins.see(hashes, draws)

    @property
    def distinct(self) -> bool:
        """Whether rows hardly ever recur within a block: then they have no business to recur in another."""
        return self.telling > 0 and self._different >= 0.999 * self.telling


def has_many_values(values: Array, number: int) -> Array:
    """Whether each row of ``values`` (draw, …) has at least ``number`` different values."""
    rows = values.reshape(len(values), -1)
    if rows.shape[1] < number:
        return np.zeros(len(rows), dtype=bool)
    # a row whose first values already differ often enough need not be sorted whole
    found = _different(rows[:, : 4 * number]) >= number
    left = np.flatnonzero(~found)
    if rows.shape[1] > 4 * number and len(left):
        found[left] = _different(rows[left]) >= number
    return found


def _different(rows: Array) -> Array:
    ordered = np.sort(rows, axis=1)
    changes = ordered[:, 1:] != ordered[:, :-1]
    if rows.dtype.kind == "f":
        # NaN differs from NaN
        changes &= ~np.isnan(ordered[:, 1:])
    return np.asarray(changes.sum(axis=1) + 1)


def _continuous(subject: Subject) -> list[int]:
    """Mechanisms whose parameters have a density, so that no two draws have the same; all where that is not known."""
    if subject.priors is None:
        return list(range(len(subject.corpus.schema.mechanisms)))
    return [
        index
        for index, prior in enumerate(subject.priors)
        if any(not isinstance(one.distribution, Fixed | Categorical) for one in prior.parameters.values())
    ]


def _number(groups: list[Array]) -> int:
    return sum(len(group) for group in groups)


def _told(about: str, groups: list[Array], what: str) -> list[Finding]:
    if not groups:
        return []
    one, other = min((int(group[0]), int(group[1])) for group in groups)
    said = f"{_number(groups):,} draws {what}, such as draws {one} and {other}"
    return [Finding("duplicates", about, said, _REMEDY)]
