"""Ranks of drawn parameters in their prior: uniform and independent where the draws are from it.

The rank of a value is the probability that its prior gives to values up to it, given the parameters that it depends on
in the same draw (Rosenblatt 1952). So dependent and bounded parameters need no case of their own, and nothing about
heavy tails. A distribution without a known distribution function is ranked among fresh draws of the prior.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sgnn.corpus.audit.contract import Array
from sgnn.corpus.audit.probability import Arguments, categorical_ranks, cumulative, truncated
from sgnn.corpus.audit.subject import Subject
from sgnn.simulation.distributions import Categorical, Fixed
from sgnn.simulation.prior import Parameter, Prior
from sgnn.simulation.streams import Streams

REFERENCE = 8192
"""Fresh draws of a prior, under a key that no corpus has."""


class Ranker:
    """Ranks of all parameters of a corpus; without its simulators, those among the first block's own values."""

    def __init__(self, subject: Subject) -> None:
        self.columns, self.priors = subject.columns, subject.priors
        self.references = None if self.priors is None else [reference(prior, subject) for prior in self.priors]
        self._first: list[Array] = []
        # one parameter of many mechanisms, as those of the observation, is ranked for all of them at once
        self._alike: dict[tuple[str, Parameter], list[int]] = {}
        self._sampled: list[tuple[int, str, Array]] = []
        for index, prior in enumerate(self.priors or ()):
            for name, parameter in prior.parameters.items():
                if isinstance(parameter.distribution, Fixed):
                    continue
                if is_analytic(prior, name):
                    self._alike.setdefault((name, parameter), []).append(index)
                elif self.references is not None:
                    self._sampled.append((index, name, np.sort(self.references[index][name])))

    def ranks(self, theta: Array, mechanism: Array) -> Array:
        """Ranks (draw, parameter) of ``theta`` (draw, parameter)."""
        if self.priors is None or self.references is None:
            return self._among_first(theta)
        found = np.full(theta.shape, np.nan)
        for (name, parameter), indices in self._alike.items():
            rows = np.flatnonzero(np.isin(mechanism, indices))
            if len(rows):
                names = (name, *parameter.distribution.references())
                own = {one: theta[rows, self.columns[one]] for one in names}
                ranks = _rank(parameter, own[name], arguments_of(parameter, own))
                found[rows, self.columns[name]] = np.nan if ranks is None else ranks
        for index, name, fresh in self._sampled:
            rows = np.flatnonzero(mechanism == index)
            found[rows, self.columns[name]] = among(fresh, theta[rows, self.columns[name]])
        return found

    def _among_first(self, theta: Array) -> Array:
        if not self._first:
            self._first = [np.sort(column[np.isfinite(column)]) for column in theta.T]
        ranks = [among(first, column) for first, column in zip(self._first, theta.T, strict=True)]
        return np.stack(ranks, axis=1) if ranks else np.empty(theta.shape)


def reference(prior: Prior, subject: Subject) -> dict[str, Array]:
    """Fresh draws (draw,) of every parameter, independent of those of the corpus."""
    streams = Streams(f"audit of {subject.corpus.layout.key}", np.arange(REFERENCE))
    return dict(prior.sample(streams))


def constrained(prior: Prior) -> set[str]:
    """Parameters whose distribution a constraint changes: those in it, and what they depend on or correlate with."""
    reached = {name for constraint in prior.constraints for name in constraint.coefficients}
    size = -1
    while size != len(reached):
        size = len(reached)
        reached |= {one for name in reached for one in prior.parameters[name].distribution.references()}
        reached |= {one for group in prior.correlations if reached & set(group.names) for one in group.names}
    return reached


def arguments_of(parameter: Parameter, theta: Mapping[str, Array]) -> dict[str, Array]:
    """Arguments (draw,) of a parameter's distribution in each draw."""
    size = len(next(iter(theta.values())))
    return {
        key: theta[value] if isinstance(value, str) else np.full(size, float(value))
        for key, value in parameter.distribution.arguments().items()
        if not isinstance(value, tuple)
    }


def is_analytic(prior: Prior, name: str) -> bool:
    """Whether a parameter's ranks come from its distribution function, not from fresh draws."""
    distribution = prior.parameters[name].distribution
    if name in constrained(prior):
        return False
    if isinstance(distribution, Categorical | Fixed):
        return True
    return cumulative(distribution, np.ones(1), dict.fromkeys(distribution.arguments(), np.ones(1))) is not None


def among(reference: Array, values: Array) -> Array:
    """Ranks of values among a sorted sample, ties in the middle."""
    if not len(reference):
        return np.full(values.shape, np.nan)
    places = np.searchsorted(reference, values, side="left") + np.searchsorted(reference, values, side="right")
    return np.where(np.isfinite(values), places / (2.0 * len(reference)), np.nan)


def binned(ranks: Array, number: int) -> Array:
    """Counts (parameter, bin) of ranks (draw, parameter) in bins of equal width; NaN are left out."""
    width = ranks.shape[1]
    places = np.where(np.isfinite(ranks), np.minimum(ranks * number, number - 1), number).astype(np.int64)
    places += (number + 1) * np.arange(width)
    return np.bincount(places.ravel(), minlength=width * (number + 1)).reshape(width, number + 1)[:, :number]


def _rank(parameter: Parameter, values: Array, arguments: Arguments) -> Array | None:
    distribution = parameter.distribution
    if isinstance(distribution, Categorical):
        return categorical_ranks(distribution, values)
    found = cumulative(distribution, values, arguments)
    if found is None or not np.isfinite(parameter.bounds).any():
        return found
    low, high = (np.full(values.shape, bound) for bound in parameter.bounds)
    below = cumulative(distribution, low, arguments) if np.isfinite(parameter.bounds[0]) else np.zeros(values.shape)
    above = cumulative(distribution, high, arguments) if np.isfinite(parameter.bounds[1]) else np.ones(values.shape)
    return None if below is None or above is None else truncated(found, below, above)
