"""Whether simulators and operators take their random numbers from the streams they are given.

The same parameters are simulated under the draw's own streams, under those of another corpus, and under those of
another draw. What changes with none of them is deterministic; what changes with one alone is wrong.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sgnn.corpus.audit.contract import Array, Finding, Test
from sgnn.corpus.audit.crosstalk import Crosstalk
from sgnn.simulation.streams import Streams

if TYPE_CHECKING:
    from sgnn.simulation.generator import DrawGenerator

TRIED = 8
"""Sets of parameters that are tried."""
TIMES = 4
"""Other corpora, and other draws, under which each of them is simulated."""
ROW = 400
"""Neighbouring draws that are simulated with one and the same set of parameters, where that is no longer than..."""
ROW_SECONDS = 10.0
"""... this for a mechanism."""
FAR = 1 << 40
"""How far away another draw is: beyond all that is stored."""
SHARED = 0.25
"""Share of their changes that neighbours with the same parameters must have in common to be a finding."""
_REMEDY = "let every random number come from `streams` with the draw's own index; give it a new version"

Run = Callable[[Streams, slice | Array], Mapping[str, Array]]


class StreamTrial:
    """Tries mechanisms and operators one by one; tests, figures and notes add up."""

    def __init__(self, generator: DrawGenerator, seconds: float) -> None:
        self._generator = generator
        self._until = time.monotonic() + seconds
        self.rows: list[dict[str, Any]] = []
        self.tests: list[Test] = []
        self.notes: list[str] = []
        self._tried: set[str] = set()

    def mechanism(self, index: int) -> None:
        """Try a mechanism, and the operators that were not tried yet, with parameters from its prior."""
        name = self._generator.mixture.components[index].simulator.name
        if time.monotonic() > self._until:
            self.notes.append(f"streams of {name} were not tried: no time was left")
            return
        try:
            self._simulator(name, index)
        except Exception as error:
            self.notes.append(f"streams of {name} were not tried: {type(error).__name__}: {error}"[:200])

    def _simulator(self, name: str, index: int) -> None:
        component, pipeline = self._generator.mixture.components[index], self._generator.pipeline
        streams = Streams(self._generator.corpus_key, np.arange(TRIED))
        theta = component.prior.sample(streams)

        def simulate(given: Streams, rows: slice | Array) -> Mapping[str, Array]:
            own = {one: values[rows] for one, values in theta.items()}
            return component.simulator.simulate(own, given.scoped(component.simulator.name))

        self._try(name, simulate, streams)
        observed = self._generator.observation_priors[index].sample(streams)
        data: dict[str, Array] = dict(simulate(streams, slice(None)))
        for operator in pipeline.operators:
            prefix = f"{operator.label}."
            own = {one.removeprefix(prefix): v for one, v in observed.items() if one.startswith(prefix)}

            def observe(
                given: Streams,
                rows: slice | Array,
                operator: Any = operator,
                own: Mapping[str, Array] = own,
                data: Mapping[str, Array] = dict(data),
            ) -> Mapping[str, Array]:
                seen = {one: values[rows] for one, values in data.items()}
                mine = {one: values[rows] for one, values in own.items()}
                made: Mapping[str, Array] = operator.observe(seen, mine, given.scoped(f"observe/{operator.label}"))
                return made

            if operator.label not in self._tried:
                self._tried.add(operator.label)
                self._try(f"observation stage {operator.label}", observe, streams)
            data |= observe(streams, slice(None))

    def _try(self, name: str, run: Run, streams: Streams) -> None:
        own, times = run(streams, slice(None)), range(1, TIMES + 1)
        foreign = [Streams(f"audit {at} of {streams.corpus_key}", streams.draws) for at in times]
        distant = [Streams(streams.corpus_key, streams.draws + at * FAR) for at in times]
        by_corpus = np.sum([_changed(own, run(one, slice(None))) for one in foreign], axis=0)
        by_draw = np.sum([_changed(own, run(one, slice(None))) for one in distant], axis=0)
        row: dict[str, Any] = {"name": name, "stochastic": bool(np.any(by_corpus + by_draw)), "shared": None}
        row |= {"changes_with_corpus": bool(np.any(by_corpus)), "changes_with_draw": bool(np.any(by_draw))}
        self.rows.append(row)
        if not row["stochastic"]:
            return
        if not row["changes_with_corpus"]:
            said = "the same parameters give the same outputs in every corpus: it has random numbers of its own"
            self.tests.append(Test(one_sided(by_draw), Finding("replay", name, said, _REMEDY)))
        if not row["changes_with_draw"]:
            said = "the same parameters give the same outputs in every draw: all draws share their random numbers"
            self.tests.append(Test(one_sided(by_corpus), Finding("replay", name, said, _REMEDY)))
            return
        self._neighbours(name, run, streams, row)

    def _neighbours(self, name: str, run: Run, streams: Streams, row: dict[str, Any]) -> None:
        """Neighbouring draws with one and the same set of parameters: nothing but random numbers tells them apart."""
        began = time.monotonic()
        run(streams, np.zeros(TRIED, dtype=np.int64))
        if (time.monotonic() - began) / TRIED * ROW > ROW_SECONDS:
            self.notes.append(f"neighbours of {name} with the same parameters were not tried: it takes too long")
            return
        listeners: dict[str, Crosstalk] = {}
        for variable, values in run(Streams(streams.corpus_key, np.arange(ROW)), np.zeros(ROW, dtype=np.int64)).items():
            if values.ndim > 1:
                listeners.setdefault(variable, Crosstalk()).see(values)
        for variable, seen in listeners.items():
            peak = seen.peak()
            if peak is None:
                continue
            row["shared"] = max(row["shared"] or 0.0, abs(peak.strength))
            shifted = f", shifted by {abs(peak.shift)} values" if peak.shift else ""
            said = (
                f"draws {peak.apart} apart with the same parameters have {abs(peak.strength):.0%} of the changes of "
                f"{variable} in common{shifted}: they share random numbers"
            )
            finding = Finding("replay", f"neighbours of {name}", said, _REMEDY)
            self.tests.append(Test(peak.p_value, finding, abs(peak.strength) >= SHARED))


def one_sided(changes: Array) -> float:
    """Chance that all changes are on one side and none on the other, of `TIMES` trials each; ``changes`` (draw,).

    Where random numbers depend on corpus and draw alike, which of a draw's trials changed is left to chance.
    """
    return math.prod(math.comb(TIMES, int(k)) / math.comb(2 * TIMES, int(k)) for k in changes)


def _changed(one: Mapping[str, Array], other: Mapping[str, Array]) -> Array:
    """Which rows (draw,) differ in any variable."""
    found = [
        ~((one[name] == other[name]) | ((one[name] != one[name]) & (other[name] != other[name])))
        .reshape(len(one[name]), -1)
        .all(axis=1)
        for name in one
    ]
    return np.asarray(np.any(found, axis=0))
