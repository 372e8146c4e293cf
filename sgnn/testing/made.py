"""Rules of one run: outputs as declared, values in their range, inputs left alone, a change where one is promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation.declaration import as_declared
from sgnn.simulation.simulator import Outputs, Variable
from sgnn.simulation.verdict import outside
from sgnn.testing.report import Finding
from sgnn.testing.trial import OperatorTrial, Rows, Trial, differing

TOLERATED = 0.05
"""Share of draws that may fail or be set apart before the prior is bent."""


def outputs(
    trial: Trial, made: Outputs, declared: Mapping[str, Variable], sizes: Mapping[str, int]
) -> Iterator[Finding]:
    """Names, shapes and types of what was made."""
    try:
        as_declared("it", made, declared, sizes, len(trial.streams))
    except RecipeError as error:
        yield Finding("outputs", error.message, error.remedy)
    except ValueError as error:
        yield Finding("outputs", str(error), "declare a type that holds it")


def makeable(trial: Trial) -> tuple[Rows, dict[int, str]]:
    """Rows that can be made, and the reason by row for those that cannot. Raises `RecipeError` as a run does."""
    reasons: dict[int, str] = {}

    def attempt(rows: Rows) -> None:
        try:
            trial.take(rows).run()
        except RecipeError:
            raise
        except Exception as error:
            if len(rows) == 1:
                reasons[int(rows[0])] = f"{type(error).__name__}: {error}"
                return
            for half in np.array_split(rows, 2):
                attempt(half)

    rows = np.arange(len(trial.streams))
    attempt(rows)
    return np.array([row for row in rows if row not in reasons], dtype=np.intp), reasons


def failures(trial: Trial, reasons: Mapping[int, str], notes: list[str]) -> Iterator[Finding]:
    """More than a few draws of its own prior that cannot be made; of a few, a note."""
    if not reasons:
        return
    seen = f"{len(reasons)} of {len(trial.streams)} draws of its own prior fail, such as {_first(trial, reasons)}"
    if len(reasons) <= TOLERATED * len(trial.streams):
        notes.append(seen)
    else:
        yield Finding("failures", seen, "narrow the prior to what can be simulated, or mend the simulation")


def ranges(trial: Trial, made: Outputs, declared: Mapping[str, Variable], notes: list[str]) -> Iterator[Finding]:
    """More than a few draws that would be set apart for their values; of a few, a note."""
    reasons = outside(declared.values(), made)
    if not reasons:
        return
    seen = f"{len(reasons)} of {len(trial.streams)} draws would be set apart, such as {_first(trial, reasons)}"
    if len(reasons) <= TOLERATED * len(trial.streams):
        notes.append(seen)
    else:
        yield Finding("ranges", seen, "mend the values, the valid_range of the variable, or the prior")


def _first(trial: Trial, reasons: Mapping[int, str]) -> str:
    row = min(reasons)
    return f"draw {int(trial.streams.draws[row])}: {reasons[row]}"


def inputs(trial: Trial) -> Iterator[Finding]:
    """Whether a run writes to what it is given."""
    for name in trial.written():
        yield Finding(
            "inputs",
            f"it writes to '{name}', which is recorded as what the draw was made with",
            f"work on a copy: {name} = np.array({name})",
        )


def changes(trial: OperatorTrial, made: Outputs) -> Iterator[Finding]:
    """Whether an operator says something new about any of its draws."""
    if not made:
        yield Finding("changes", "it gave nothing", "give the variable that it observes")
    elif not differing(made, trial.data):
        yield Finding(
            "changes",
            f"'{trial.operator.variable}' came out as it went in, in all of {len(trial.streams)} draws",
            "let observe() give the changed array, or let the prior switch it on more often",
        )


def richest(made: Mapping[str, NDArray[Any]]) -> int:
    """The draw with the most different values: where chance has most to decide."""
    rows = len(next(iter(made.values())))
    counts = np.zeros(rows, dtype=np.int64)
    for values in made.values():
        counts += [len(np.unique(row)) for row in values.reshape(rows, -1)]
    return int(counts.argmax())
