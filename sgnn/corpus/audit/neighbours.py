"""Whether neighbouring draws share random numbers: neither their parameters nor their outputs follow each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from sgnn.corpus.audit.contract import Array, Batch, Check, Finding, Outcome, Test
from sgnn.corpus.audit.crosstalk import NEIGHBOURS, Crosstalk, serial, serial_p_value
from sgnn.corpus.audit.prior import ENOUGH
from sgnn.corpus.audit.subject import Subject

BLOCKS = 8
"""Blocks whose outputs are compared; parameters are compared in all."""
MATERIAL = 0.1
"""Share of their changes that neighbours must have in common to be a finding."""
_REMEDY = "let every random number come from `streams`, never from `seed + i` or a generator that goes on"


class NeighbourCheck(Check):
    """Draws one to four apart, at every shift of their values."""

    name = "neighbours"

    def __init__(self, subject: Subject) -> None:
        schema = subject.corpus.schema
        chosen = np.unique(np.linspace(0, len(subject.blocks) - 1, BLOCKS).astype(int)) if subject.blocks else ()
        self._blocks = {subject.blocks[at].index for at in chosen}
        self._sampled = len(subject.corpus.blocks) > len(self._blocks)
        self._outputs = {one.name: Crosstalk() for one in schema.variables if one.dims}
        self._parameters = [parameter.name for parameter in schema.parameters]
        self._sums: Array = np.zeros((len(NEIGHBOURS), len(self._parameters)))
        self._pairs: Array = np.zeros_like(self._sums)
        self._known = subject.priors is not None

    def see(self, batch: Batch) -> None:
        """Take in a block's neighbours; a draw that is not ok parts its neighbours."""
        if self._known and len(batch) > max(NEIGHBOURS):
            sums, pairs = serial(batch.ranks)
            self._sums += sums
            self._pairs += pairs
        if batch.block.index not in self._blocks:
            return
        lost = batch.arrays["status"] != 0
        for name, seen in self._outputs.items():
            values = batch.arrays[name]
            if lost.any():
                # zeros do not change, and a row without changes has no part
                values = np.where(lost.reshape(-1, *[1] * (values.ndim - 1)), np.zeros((), values.dtype), values)
            seen.see(values)

    def close(self) -> Outcome:
        """The strongest connection of each variable, and of the parameters."""
        rows, tests = [], list[Test]()
        for name, seen in self._outputs.items():
            peak = seen.peak()
            if peak is None:
                continue
            rows.append({"variable": name, **_figures(peak)})
            said = (
                f"draws {peak.apart} apart have {abs(peak.strength):.0%} of their changes in common"
                f"{f', shifted by {abs(peak.shift)} values' if peak.shift else ''}: they share random numbers"
            )
            tests.append(Test(peak.p_value, Finding("neighbours", name, said, _REMEDY), abs(peak.strength) >= MATERIAL))
        parameters = None
        if self._known and self._parameters:
            p_value, (at, column) = serial_p_value(self._sums, self._pairs, ENOUGH)
            strength = 12.0 * float(self._sums[at, column]) / max(float(self._pairs[at, column]), 1.0)
            name = self._parameters[column]
            said = f"its ranks in draws {NEIGHBOURS[at]} apart are correlated by {strength:+.3f}"
            tests.append(Test(p_value, Finding("neighbours", name, said, _REMEDY)))
            parameters = {"parameter": name, "apart": NEIGHBOURS[at], "correlation": strength, "p_value": p_value}
        strongest = max(rows, key=lambda row: abs(row["strength"]), default=None)
        worst = "" if strongest is None else f"{strongest['variable']}: {strongest['strength']:+.1%} in common"
        note = f"outputs of neighbours were compared in {len(self._blocks)} blocks, spread over the corpus"
        notes = (note,) if self._sampled else ()
        seen_words = f"{len(rows)} variables in {len(self._blocks)} blocks"
        figures: dict[str, Any] = {"outputs": rows, "parameters": parameters, "blocks": sorted(self._blocks)}
        return Outcome(seen_words, worst, figures, (), tuple(tests), notes)


def _figures(peak: Any) -> dict[str, Any]:
    return {
        "apart": peak.apart,
        "shift": peak.shift,
        "strength": peak.strength,
        "pairs": peak.pairs,
        "p_value": peak.p_value,
    }
