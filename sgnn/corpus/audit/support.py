"""Values that a prior cannot give: outside of its support, missing, of another mechanism, against a constraint."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sgnn.corpus.audit.contract import Array, Finding
from sgnn.corpus.audit.probability import support
from sgnn.corpus.audit.ranks import arguments_of
from sgnn.simulation.distributions import Categorical
from sgnn.simulation.prior import Prior

ROUNDING = 1e-9
"""Relative slack at the ends of a support: a quantile function rounds."""
_REMEDY = "compare the prior in the recipe with what draws it; give changed code a new version, and build a new corpus"


class Impossible:
    """Impossible values of one mechanism's parameters, counted by what is wrong with them, with the first of each."""

    def __init__(self, mechanism: str, prior: Prior) -> None:
        self._mechanism, self._prior = mechanism, prior
        self._seen: dict[tuple[str, str], tuple[int, str]] = {}
        ends = [self._fixed_ends(name) for name in prior.names]
        self._low, self._high = (np.array([one[side] for one in ends]) for side in (0, 1))
        self._dependent = [
            (at, name) for at, name in enumerate(prior.names) if prior.parameters[name].distribution.references()
        ]
        self._listed = [
            (at, one.distribution.values)
            for at, one in enumerate(prior.parameters.values())
            if isinstance(one.distribution, Categorical)
        ]

    def see(self, own: Array, draws: Array) -> None:
        """Take in the mechanism's parameters (draw, parameter), in the prior's order, of draws (draw,)."""
        names = self._prior.names
        values = {name: own[:, at] for at, name in enumerate(names)}
        low, high = np.broadcast_to(self._low, own.shape), np.broadcast_to(self._high, own.shape)
        if self._dependent:
            low, high = low.copy(), high.copy()
            for at, name in self._dependent:
                parameter = self._prior.parameters[name]
                arguments = arguments_of(parameter, values)
                low[:, at], high[:, at] = support(parameter.distribution, arguments, parameter.bounds)
        slack = ROUNDING * np.abs(own)
        inside = (own >= low - slack) & (own <= high + slack)
        for at, listed in self._listed:
            inside[:, at] &= np.isin(own[:, at], listed)
        missing = np.isnan(own)
        self._count(missing, draws, "missing", lambda _row, _at: "")
        self._count(
            ~inside & ~missing,
            draws,
            "outside",
            lambda row, at: f": {own[row, at]:.6g} is not in [{low[row, at]:.4g}, {high[row, at]:.4g}]",
        )
        self._see_constraints(values, draws)

    def see_others(self, others: Array, names: tuple[str, ...], draws: Array) -> None:
        """Take in the parameters (draw, parameter) that the mechanism has not: they must be missing."""
        for row, at in np.argwhere(np.isfinite(others)):
            self._add(names[int(at)], "of another mechanism", 1, f"draw {draws[row]}")

    def findings(self) -> list[Finding]:
        """One for each parameter and thing that is wrong."""
        return [
            Finding("prior", f"{name} of {self._mechanism}", f"{number:,} draws are {kind}, first {first}", _REMEDY)
            for (name, kind), (number, first) in self._seen.items()
        ]

    def _fixed_ends(self, name: str) -> tuple[float, float]:
        """Support of a parameter that depends on no other; everything where it does."""
        parameter = self._prior.parameters[name]
        if parameter.distribution.references():
            return -np.inf, np.inf
        numbers = {
            key: np.array(v) for key, v in parameter.distribution.arguments().items() if not isinstance(v, tuple)
        }
        low, high = support(parameter.distribution, numbers, parameter.bounds)
        return float(low), float(high)

    def _see_constraints(self, values: Mapping[str, Array], draws: Array) -> None:
        for constraint in self._prior.constraints:
            broken = np.flatnonzero(~constraint.holds(values))
            if len(broken):
                said = constraint.description or ", ".join(constraint.coefficients)
                self._add(f"the constraint '{said}'", "against it", len(broken), f"draw {draws[broken[0]]}")

    def _count(self, bad: Array, draws: Array, kind: str, told: Callable[[int, int], str]) -> None:
        for at in np.flatnonzero(bad.any(axis=0)):
            rows = np.flatnonzero(bad[:, at])
            first = f"draw {draws[rows[0]]}{told(int(rows[0]), int(at))}"
            self._add(self._prior.names[int(at)], kind, len(rows), first)

    def _add(self, name: str, kind: str, number: int, first: str) -> None:
        before = self._seen.get((name, kind))
        self._seen[name, kind] = (number, first) if before is None else (before[0] + number, before[1])
