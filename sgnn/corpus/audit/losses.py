"""Whether draws that failed or were quarantined bend the prior: parameter by parameter, mechanism by mechanism."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sgnn.corpus.audit.contract import Array, Batch, Check, Finding, Outcome, Test
from sgnn.corpus.audit.ranks import binned
from sgnn.corpus.audit.significance import kolmogorov, largest_difference
from sgnn.corpus.audit.subject import Subject

FEWEST = 5
"""Lost draws below which a distribution is not compared."""
MATERIAL = 0.02
"""Share of the prior's probability that losses may move before it is a finding."""
BINS = 200
_REMEDY = (
    "let the simulator give draws there too, or write a prior without that region; "
    "`sgnn corpus audit --json` gives all regions"
)


class LossCheck(Check):
    """Losses by mechanism and by region of each parameter; what dropping them does to the prior.

    A region is a tenth of the prior's probability. The bend is the largest difference (Kolmogorov-Smirnov) between the
    distribution functions of ok and of all draws; its p-value is of the two-sample test between ok and lost draws.
    """

    name = "losses"

    def __init__(self, subject: Subject) -> None:
        schema = subject.corpus.schema
        self._mechanisms = schema.mechanisms
        self._parameters = [parameter.name for parameter in schema.parameters]
        # by mechanism, parameter, ok or lost, and rank
        self._bins = np.zeros((len(self._mechanisms), len(self._parameters), 2, BINS), dtype=np.int64)
        self._counts = np.zeros((len(self._mechanisms), 3), dtype=np.int64)

    def see(self, batch: Batch) -> None:
        """Count a block's draws by rank of each parameter."""
        mechanism, status = batch.arrays["mechanism"], batch.arrays["status"]
        for index in range(len(self._mechanisms)):
            for lost in (0, 1):
                rows = (mechanism == index) & ((status != 0) == bool(lost))
                if rows.any():
                    self._bins[index, :, lost] += binned(batch.ranks[rows], BINS)
            own = status[mechanism == index].astype(np.int64)
            self._counts[index] += np.bincount(own[(own >= 0) & (own < 3)], minlength=3)

    def close(self) -> Outcome:
        """Losses, bends, and the regions where most is lost."""
        lost = self._counts[:, 1:].sum(axis=1)
        shifts = list(self._shifts())
        findings, tests = [], [self._test(shift) for shift in shifts]
        for at, name in enumerate(self._mechanisms):
            if lost[at] and lost[at] == self._counts[at].sum():
                said = f"none of its {lost[at]:,} draws is ok"
                remedy = "read the errors with `sgnn corpus failures`, mend the simulator, give it a new version"
                findings.append(Finding("losses", name, said, remedy))
        tests += self._mechanism_test()
        losses = [
            {"mechanism": name, "draws": int(own.sum()), "failed": int(own[1]), "quarantined": int(own[2])}
            for name, own in zip(self._mechanisms, self._counts, strict=True)
        ]
        shifts.sort(key=lambda shift: -shift["distance"])
        total = int(self._counts.sum())
        share = lost.sum() / max(total, 1)
        worst = f"{share:.2%} of draws lost"
        if shifts:
            worst += f"; {shifts[0]['parameter']} of {shifts[0]['mechanism']} bends by {shifts[0]['distance']:.3f}"
        figures = {"losses": losses, "shifts": shifts, "lost_share": float(share), "material": MATERIAL}
        return Outcome(f"{total:,} draws", worst, figures, tuple(findings), tuple(tests))

    def _shifts(self) -> Iterator[dict[str, Any]]:
        for index, mechanism in enumerate(self._mechanisms):
            for column, parameter in enumerate(self._parameters):
                kept, lost = self._bins[index, column]
                if lost.sum() < FEWEST or kept.sum() < FEWEST:
                    continue
                apart = largest_difference(kept, lost)
                sizes = float(kept.sum()), float(lost.sum())
                share = sizes[1] / sum(sizes)
                rates = _rates(kept, lost)
                region = int(np.argmax(rates))
                yield {
                    "mechanism": mechanism,
                    "parameter": parameter,
                    "distance": apart * share,
                    "p_value": kolmogorov(apart, sizes[0] * sizes[1] / sum(sizes)),
                    "lost_share": share,
                    "worst_tenth": region + 1,
                    "worst_lost_share": float(rates[region]),
                    "lost_shares": rates.tolist(),
                }

    def _test(self, shift: dict[str, Any]) -> Test:
        said = (
            f"dropping lost draws bends its prior by {shift['distance']:.3f}: {shift['lost_share']:.1%} are lost, "
            f"{shift['worst_lost_share']:.1%} in the {_ordinal(shift['worst_tenth'])} tenth of the prior"
        )
        finding = Finding("losses", f"{shift['parameter']} of {shift['mechanism']}", said, _REMEDY)
        return Test(shift["p_value"], finding, material=shift["distance"] >= MATERIAL)

    def _mechanism_test(self) -> Iterator[Test]:
        """Whether losses change the shares of mechanisms: half the summed differences, and a test of independence."""
        counts = np.stack([self._counts[:, 0], self._counts[:, 1:].sum(axis=1)])
        used = counts.sum(axis=0) > 0
        if used.sum() < 2 or counts.sum(axis=1).min() < FEWEST:
            return
        from scipy.stats import chi2_contingency

        shares = counts[0] / counts[0].sum(), counts.sum(axis=0) / counts.sum()
        apart = float(np.abs(shares[0] - shares[1]).sum() / 2)
        at = int(np.argmin(shares[0] - shares[1]))
        said = (
            f"losses move {apart:.3f} of the probability between mechanisms: its share falls from {shares[1][at]:.3f} "
            f"to {shares[0][at]:.3f}"
        )
        p_value = float(chi2_contingency(counts[:, used]).pvalue)
        yield Test(
            p_value, Finding("losses", f"share of {self._mechanisms[at]}", said, _REMEDY), material=apart >= MATERIAL
        )


def _rates(kept: Array, lost: Array) -> Array:
    """Share of lost draws by tenth of the prior."""
    of_kept, of_lost = (part.reshape(10, -1).sum(axis=1) for part in (kept, lost))
    return np.asarray(of_lost / np.maximum(of_kept + of_lost, 1))


def _ordinal(number: int) -> str:
    words = ("lowest", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "highest")
    return words[number - 1]
