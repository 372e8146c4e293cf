"""Whether mechanisms occur as often as their weights say."""

from __future__ import annotations

import numpy as np

from sgnn.corpus.audit.contract import Batch, Check, Finding, Outcome, Test
from sgnn.corpus.audit.significance import binomial, least
from sgnn.corpus.audit.subject import Subject


class MechanismCheck(Check):
    """Draws by mechanism against the weights of the recipe: an exact binomial test of each, and one of all."""

    name = "mechanisms"

    def __init__(self, subject: Subject) -> None:
        self._names = subject.corpus.schema.mechanisms
        entries = {entry.name: entry.weight for entry in subject.corpus.recipe.simulators}
        if set(entries) != set(self._names) and subject.generator is not None:
            # somebody's simulator may bear another name than the one it is registered under
            entries = {one.simulator.name: one.weight for one in subject.generator.mixture.components}
        weights = np.array([entries.get(name, 0.0) for name in self._names])
        self._shares = weights / weights.sum() if set(entries) == set(self._names) else None
        self._counts = np.zeros((len(self._names), 3), dtype=np.int64)
        self._strange: list[int] = []

    def see(self, batch: Batch) -> None:
        """Count a block's draws by mechanism and status."""
        mechanism, status = batch.arrays["mechanism"].astype(np.int64), batch.arrays["status"].astype(np.int64)
        known = (mechanism >= 0) & (mechanism < len(self._names)) & (status >= 0) & (status < 3)
        places = mechanism[known] * 3 + status[known]
        self._counts += np.bincount(places, minlength=self._counts.size).reshape(self._counts.shape)
        strange = np.flatnonzero((mechanism < 0) | (mechanism >= len(self._names)))
        self._strange += (batch.block.start + strange[: 10 - len(self._strange)]).tolist()

    def close(self) -> Outcome:
        """Counts, and one test of the whole."""
        totals = self._counts.sum(axis=1)
        number = int(totals.sum())
        rows, p_values = [], []
        for at, name in enumerate(self._names):
            share = None if self._shares is None else float(self._shares[at])
            p_value = None if share is None else binomial(int(totals[at]), number, share)
            p_values += [] if p_value is None else [p_value]
            failed, quarantined = int(self._counts[at, 1]), int(self._counts[at, 2])
            counts = {"draws": int(totals[at]), "expected": None if share is None else share * number}
            rows.append({"mechanism": name, **counts, "failed": failed, "quarantined": quarantined, "p_value": p_value})
        findings = [
            Finding("mechanisms", f"draw {draw}", "its mechanism is none of the recipe's", "build the corpus anew")
            for draw in self._strange
        ]
        figures = {"mechanisms": rows}
        if not p_values:
            return Outcome(f"{number:,} draws", "", figures, tuple(findings), (), ("the weights are not known",))
        at = int(np.argmin(p_values))
        share = totals[at] / max(number, 1)
        expected = 0.0 if self._shares is None else self._shares[at]
        said = f"{totals[at]:,} of {number:,} draws, a share of {share:.4f}; its weight is {expected:.4f}"
        remedy = "compare the weights in the recipe with what draws mechanisms; then build a new corpus"
        test = Test(least(p_values), Finding("mechanisms", self._names[at], said, remedy))
        worst = f"{self._names[at]}: {share:.4f}, weight {expected:.4f}"
        return Outcome(f"{number:,} draws of {len(self._names)} mechanisms", worst, figures, tuple(findings), (test,))
