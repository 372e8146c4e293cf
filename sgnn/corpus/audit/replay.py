"""Whether draws are what they were when they are simulated again: alone, in other batches, in another order."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from sgnn.corpus.audit.contract import Array, Batch, Check, Finding, Outcome
from sgnn.corpus.audit.streams import StreamTrial
from sgnn.corpus.audit.subject import Subject
from sgnn.corpus.layout import RESERVED
from sgnn.errors import SgnnError

if TYPE_CHECKING:
    from sgnn.simulation.generator import DrawGenerator

BLOCKS = 6
"""Blocks from which draws are simulated again, spread over the corpus."""
RUN = 7
"""Draws of the one batch of each block that is simulated again."""
SECONDS = 60.0
"""Time after which no more draws are simulated again."""


@dataclass(frozen=True)
class _Stored:
    """Draws as they are stored: ``draws`` are neighbours where they were kept as a run."""

    draws: Array
    arrays: Mapping[str, Array]


class ReplayCheck(Check):
    """Some draws of each mechanism under the contract: the same bytes alone, twice, in a batch, out of order.

    Then each mechanism with the same parameters and other random streams, see `StreamTrial`.
    """

    name = "replay"

    def __init__(self, subject: Subject, seconds: float = SECONDS) -> None:
        self._subject, self._seconds = subject, seconds
        at = np.unique(np.linspace(0, len(subject.blocks) - 1, BLOCKS).astype(int)) if subject.blocks else ()
        self._blocks = {subject.blocks[one].index for one in at}
        self._singles: dict[int, list[_Stored]] = {}
        self._runs: list[_Stored] = []

    def see(self, batch: Batch) -> None:
        """Keep a draw of each mechanism, and a run of neighbours, from some blocks."""
        if self._subject.generator is None or batch.block.index not in self._blocks:
            return
        # which draws does not matter, as long as a corpus is always audited alike
        chance = np.random.default_rng(batch.block.index)
        mechanism = batch.arrays["mechanism"]
        for index in np.unique(mechanism):
            row = int(chance.choice(np.flatnonzero(mechanism == index)))
            self._singles.setdefault(int(index), []).append(_kept(batch, row, row + 1))
        start = int(chance.integers(0, max(len(batch) - RUN, 0) + 1))
        self._runs.append(_kept(batch, start, min(start + RUN, len(batch))))

    def close(self) -> Outcome:
        """Simulate again, and compare."""
        generator = self._subject.generator
        if generator is None:
            return Outcome("nothing", notes=(f"no draw was simulated again: {self._subject.missing}",))
        began, done, findings, cut = time.monotonic(), 0, dict[str, Finding](), False
        turns = zip_longest(*self._singles.values())
        singles = [one for turn in turns for one in turn if one is not None]
        for stored in [*reversed(singles), *self._runs]:
            if done >= len(self._singles) and time.monotonic() - began > self._seconds:
                cut = True
                break
            found = _difference(generator, stored)
            done += len(stored.draws)
            if found is not None:
                findings.setdefault(found.about, found)
        trial = StreamTrial(generator, self._seconds)
        for index in sorted(self._singles):
            trial.mechanism(index)
        notes = list(trial.notes)
        if cut:
            notes.append(f"re-simulation stopped after {self._seconds:.0f} s, at {done} draws")
        seen = f"{done} draws in {len(self._blocks)} blocks, simulated again"
        figures = {"draws": done, "different": len(findings), "streams": trial.rows}
        strongest = f"streams of {len(trial.rows)} simulators and operators tried"
        return Outcome(seen, strongest, figures, tuple(findings.values()), tuple(trial.tests), tuple(notes))


def _kept(batch: Batch, start: int, stop: int) -> _Stored:
    arrays = {name: values[start:stop].copy() for name, values in batch.arrays.items() if name != "seed"}
    return _Stored(np.arange(batch.block.start + start, batch.block.start + stop), arrays)


def _difference(generator: DrawGenerator, stored: _Stored) -> Finding | None:
    """What is different in draws that are simulated again, and why that is."""
    try:
        first = _again(generator, stored)
        name = _first_different(stored.arrays, first)
        if name is None:
            return None
        again = _again(generator, stored)
    except SgnnError as error:
        return Finding("replay", "the simulators", error.message, "mend the simulator or operator")
    row = int(np.flatnonzero(~_equal_rows(stored.arrays[name], first[name]))[0])
    draw = int(stored.draws[row])
    mechanism = generator.schema.mechanisms[int(stored.arrays["mechanism"][row])]
    observed = name not in RESERVED and name not in generator.mixture.variables
    about = "the observation" if observed else mechanism
    if _first_different(first, again) is not None:
        why = "and differs each time: it depends on the clock, or on a generator that goes on from draw to draw"
    else:
        why = "though it repeats itself: it depends on its batch, or the code changed and kept its version"
    said = f"draw {draw} is not what is stored when it is simulated again (array {name}), {why}"
    remedy = "let every random number come from `streams`, one stream a draw; give it a new version and build anew"
    return Finding("replay", about, said, remedy)


def _again(generator: DrawGenerator, stored: _Stored) -> dict[str, Array]:
    made = generator.draws(int(stored.draws[0]), int(stored.draws[-1]) + 1)
    own = {"theta": made.theta, "mechanism": made.mechanism, "status": made.status}
    return {
        name: np.asarray(own[name] if name in own else made.arrays[name], dtype=values.dtype)
        for name, values in stored.arrays.items()
    }


def _first_different(one: Mapping[str, Array], other: Mapping[str, Array]) -> str | None:
    return next((name for name in one if not _equal_rows(one[name], other[name]).all()), None)


def _equal_rows(one: Array, other: Array) -> Array:
    """Which rows (draw,) are the same; NaN is the same as NaN, and so are both zeros."""
    same = (one == other) | ((one != one) & (other != other))
    return np.asarray(same.reshape(len(one), -1).all(axis=1))
