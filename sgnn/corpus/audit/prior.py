"""Whether the drawn parameters are from the recipe's prior: support, place, spread, shape, independence."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sgnn.corpus.audit.contract import Array, Batch, Check, Finding, Outcome, Test
from sgnn.corpus.audit.moments import Moments
from sgnn.corpus.audit.ranks import REFERENCE, Ranker, binned, is_analytic
from sgnn.corpus.audit.significance import binomial, kolmogorov, largest_difference, least, two_sided
from sgnn.corpus.audit.subject import Subject
from sgnn.corpus.audit.support import Impossible
from sgnn.simulation.distributions import Categorical, Fixed
from sgnn.simulation.prior import Prior

BINS = 200
"""Bins of equal prior probability in which ranks are counted."""
ENOUGH = 200
"""Draws from which on means are normal enough for a test far in the tail."""
_REMEDY = "compare the prior in the recipe with what draws it; give changed code a new version, and build a new corpus"


class PriorCheck(Check):
    """Parameters against the prior, mechanism by mechanism."""

    name = "prior"

    def __init__(self, subject: Subject, ranker: Ranker) -> None:
        self._schema, self._missing = subject.corpus.schema, subject.missing
        self._mechanisms = [
            _Mechanism(name, prior, subject, fresh)
            for name, prior, fresh in zip(
                self._schema.mechanisms, subject.priors or (), ranker.references or (), strict=False
            )
        ]

    def see(self, batch: Batch) -> None:
        """Take in the parameters of a block."""
        theta, mechanism = batch.arrays["theta"], batch.arrays["mechanism"]
        for index, one in enumerate(self._mechanisms):
            rows = np.flatnonzero(mechanism == index)
            if len(rows):
                one.see(theta[rows], batch.ranks[rows], batch.block.start + rows)

    def close(self) -> Outcome:
        """Figures and tests of every parameter of every mechanism."""
        if not self._mechanisms:
            return Outcome("nothing", notes=(f"the prior was not looked at: {self._missing}",))
        rows, tests, findings = [], list[Test](), list[Finding]()
        for one in self._mechanisms:
            findings += one.impossible.findings()
            for row, found in one.parameters():
                rows.append(row)
                tests += found
            tests += one.independence()
        least_row = min(rows, key=lambda row: float(row["p_value"]), default=None)
        worst = "" if least_row is None else f"{least_row['parameter']} of {least_row['mechanism']}"
        seen = f"{len(rows)} parameters of {len(self._mechanisms)} mechanisms"
        figures = {"parameters": rows, "reference_draws": REFERENCE}
        return Outcome(seen, worst, figures, tuple(findings), tuple(tests))


class _Mechanism:
    """What is kept of one mechanism's parameters: a few numbers each, whatever the number of draws."""

    def __init__(self, name: str, prior: Prior, subject: Subject, fresh: Mapping[str, Array]) -> None:
        self.name, self.prior = name, prior
        self.names = prior.names
        self._columns = [subject.columns[one] for one in self.names]
        others = {column: one for one, column in subject.columns.items() if one not in prior.parameters}
        self._others, self._other_names = list(others), tuple(others.values())
        self.impossible = Impossible(name, prior)
        self._expected = Moments(len(self.names))
        self._expected.see(np.stack([fresh[one] for one in self.names], axis=1) if self.names else np.empty((0, 0)))
        self._moments = Moments(len(self.names))
        self._bins = np.zeros((len(self.names), BINS), dtype=np.int64)
        self._centred = np.zeros((2, len(self.names)))
        kinds = [parameter.distribution for parameter in prior.parameters.values()]
        self._listed: dict[int, Counter[float]] = {
            at: Counter() for at, kind in enumerate(kinds) if isinstance(kind, Categorical)
        }
        # parameters whose ranks are independent of each other under the prior
        self._free = [
            at
            for at, one in enumerate(self.names)
            if is_analytic(prior, one) and not isinstance(kinds[at], Fixed | Categorical)
        ]
        self._products = np.zeros((len(self._free), len(self._free)))
        self._pairs = np.zeros_like(self._products)

    def see(self, theta: Array, ranks: Array, draws: Array) -> None:
        """Take in the mechanism's draws of a block: (draw, all parameters) each."""
        own, rank = theta[:, self._columns], ranks[:, self._columns]
        self.impossible.see(own, draws)
        self.impossible.see_others(theta[:, self._others], self._other_names, draws)
        self._moments.see(own)
        self._bins += binned(rank, BINS)
        centred = rank - 0.5
        self._centred += np.nansum(centred, axis=0), np.nansum(centred**2, axis=0)
        for at, values in self._listed.items():
            values.update(own[:, at].tolist())
        free = self._independent(rank) - 0.5
        there = np.isfinite(free)
        filled = np.where(there, free, 0.0)
        self._products += filled.T @ filled
        known = there.astype(np.float64)
        self._pairs += known.T @ known

    def _independent(self, rank: Array) -> Array:
        """Ranks that are independent of each other under the prior: those of a copula are decorrelated."""
        from scipy.special import ndtr, ndtri

        free = rank[:, self._free].copy()
        places = {self.names[at]: column for column, at in enumerate(self._free)}
        for group in self.prior.correlations:
            if all(name in places for name in group.names):
                columns = [places[name] for name in group.names]
                scores = ndtri(np.clip(free[:, columns], 1e-16, 1.0 - 1e-16))
                free[:, columns] = ndtr(np.linalg.solve(group.factor(), scores.T).T)
        return free

    def parameters(self) -> Iterator[tuple[dict[str, Any], list[Test]]]:
        """Figures and tests of every parameter."""
        for at, name in enumerate(self.names):
            distribution = self.prior.parameters[name].distribution
            tests = []
            if isinstance(distribution, Categorical):
                tests = [self._categorical(at, distribution)]
            elif not isinstance(distribution, Fixed):
                tests = list(self._continuous(at))
            yield self._row(at, tests), tests

    def _row(self, at: int, tests: list[Test]) -> dict[str, Any]:
        bins, count = self._bins[at], int(self._moments.count[at])
        ranked = int(bins.sum())
        tail = BINS // 20
        return {
            "mechanism": self.name,
            "parameter": self.names[at],
            "draws": count,
            "mean": _number(self._moments.mean[at], count),
            "expected_mean": float(self._expected.mean[at]),
            "sd": _number(self._moments.deviation[at], count),
            "expected_sd": float(self._expected.deviation[at]),
            "least": _number(self._moments.least[at], count),
            "largest": _number(self._moments.largest[at], count),
            "within_50": None if not ranked else float(bins[BINS // 4 : -(BINS // 4)].sum() / ranked),
            "within_90": None if not ranked else float(bins[tail:-tail].sum() / ranked),
            "ranks": bins.reshape(10, -1).sum(axis=1).tolist(),
            "p_value": min((test.p_value for test in tests), default=1.0),
        }

    def _continuous(self, at: int) -> Iterator[Test]:
        """Place, spread and shape of the ranks, which are uniform under the prior."""
        bins = self._bins[at]
        number = int(bins.sum())
        if not number:
            return
        size = float(number)
        if not is_analytic(self.prior, self.names[at]):
            size = number * REFERENCE / (number + REFERENCE)
        distance = largest_difference(bins, np.ones(BINS))
        said = f"its distribution function is up to {distance:.3f} away from the prior's"
        yield self._test(at, said, kolmogorov(distance, size))
        if size < ENOUGH:
            return
        place, square = self._centred[:, at] / number
        said = f"its mean rank in the prior is {0.5 + place:.4f}, not 0.5"
        yield self._test(at, said, two_sided(place * math.sqrt(12.0 * size)))
        said = f"its ranks spread {math.sqrt(square * 12.0):.4f} times as far as the prior's"
        yield self._test(at, said, two_sided((square - 1.0 / 12.0) * math.sqrt(180.0 * size)))

    def _categorical(self, at: int, distribution: Categorical) -> Test:
        """Exact binomial test of each value."""
        counts, number = self._listed[at], int(self._moments.count[at])
        chances: dict[float, float] = {}
        for value, chance in zip(distribution.values, distribution.probabilities, strict=True):
            chances[value] = chances.get(value, 0.0) + chance
        p_values = {value: binomial(counts[value], number, chance) for value, chance in chances.items()}
        value = min(p_values, key=lambda one: p_values[one])
        share = counts[value] / max(number, 1)
        said = f"{share:.4f} of {number:,} draws have the value {value:g}, expected are {chances[value]:.4f}"
        return self._test(at, said, least(p_values.values()))

    def independence(self) -> list[Test]:
        """Whether parameters are as independent, or as correlated, as the prior says."""
        number = self._pairs
        with np.errstate(invalid="ignore", divide="ignore"):
            correlation = np.where(number >= ENOUGH, 12.0 * self._products / number, 0.0)
        upper = np.triu_indices(len(self._free), 1)
        if not len(upper[0]):
            return []
        scores = np.abs(correlation[upper]) * np.sqrt(number[upper])
        at = int(np.argmax(scores))
        one, other = (self.names[self._free[side[at]]] for side in upper)
        said = f"{one} and {other} are correlated by {correlation[upper][at]:+.3f} beyond what the prior says"
        remedy = "look for two parameters drawn from one random stream"
        finding = Finding("prior", self.name, said, remedy)
        return [Test(min(1.0, len(scores) * two_sided(float(scores[at]))), finding)]

    def _test(self, at: int, said: str, p_value: float) -> Test:
        return Test(p_value, Finding("prior", f"{self.names[at]} of {self.name}", said, _REMEDY))


def _number(value: float, count: int) -> float | None:
    return float(value) if count else None
