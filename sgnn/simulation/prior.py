"""Priors: named parameters with units, bounds and sources, drawn one by one, dependent, correlated or constrained."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation import samplers
from sgnn.simulation.constraint import Constraint
from sgnn.simulation.distributions import Distribution, Invertible, check, from_json, problem
from sgnn.simulation.streams import Streams

_MOST_TRIES = 1000
_ABOUT = ("unit", "description", "source", "bounds")


@dataclass(frozen=True)
class Parameter:
    """One parameter: its distribution, truncated to ``bounds``, its unit, meaning, and where the prior comes from."""

    distribution: Distribution
    unit: str = ""
    description: str = ""
    source: str = ""
    bounds: tuple[float, float] = (-math.inf, math.inf)

    def __post_init__(self) -> None:
        try:
            low, high = (float(bound) for bound in self.bounds)
        except (TypeError, ValueError):
            low, high = math.nan, math.nan
        if not low <= high:
            raise RecipeError(f"bounds {self.bounds!r} are not bounds", remedy="give the lower and the upper one")
        object.__setattr__(self, "bounds", (low, high))

    def to_json(self) -> dict[str, Any]:
        """JSON form; infinite bounds are left out."""
        document = self.distribution.to_json()
        document |= {name: text for name in _ABOUT[:3] if (text := getattr(self, name))}
        if any(map(math.isfinite, self.bounds)):
            document["bounds"] = [bound if math.isfinite(bound) else None for bound in self.bounds]
        return document

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Parameter:
        """Parameter from its JSON form. Raises `RecipeError`."""
        ends = document.get("bounds") or (None, None)
        if not isinstance(ends, list | tuple) or len(ends) != 2:
            raise RecipeError(f"bounds {ends!r} are not bounds", remedy="give a list of the lower and the upper one")
        bounds = (-math.inf if ends[0] is None else ends[0], math.inf if ends[1] is None else ends[1])
        about = {name: str(document.get(name, "")) for name in _ABOUT[:3]}
        return Parameter(from_json({k: v for k, v in document.items() if k not in _ABOUT}), **about, bounds=bounds)


@dataclass(frozen=True)
class Correlated:
    """Parameters joined by a Gaussian copula: ``correlation`` is of their normal scores."""

    names: tuple[str, ...]
    correlation: tuple[tuple[float, ...], ...]

    def factor(self) -> NDArray[np.float64]:
        """Cholesky factor of the correlation matrix. Raises `RecipeError` where it is none."""
        matrix = np.asarray(self.correlation, dtype=np.float64)
        square = matrix.shape == (len(self.names), len(self.names))
        if square and np.allclose(matrix, matrix.T) and np.allclose(np.diag(matrix), 1.0):
            try:
                return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
            except np.linalg.LinAlgError:
                pass
        raise RecipeError(
            f"correlation of {', '.join(self.names)} is not a correlation matrix",
            remedy="give a symmetric positive definite matrix with ones on its diagonal",
        )


class Prior:
    """An ordered set of parameters; an argument of a distribution may be the name of a parameter before it.

    Every parameter is drawn from a stream of its own name, so that adding one disturbs no other. Raises `RecipeError`
    where a name refers to nothing before it.
    """

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        correlations: tuple[Correlated, ...] = (),
        constraints: tuple[Constraint, ...] = (),
    ) -> None:
        self.parameters: Mapping[str, Parameter] = MappingProxyType(dict(parameters))
        self.correlations = correlations
        self.constraints = constraints
        for name in (name for constraint in constraints for name in constraint.coefficients):
            if name not in self.parameters:
                raise RecipeError(
                    f"a constraint names the parameter '{name}'", remedy=f"the prior has: {', '.join(self.parameters)}"
                )
        before: set[str] = set()
        for name, parameter in self.parameters.items():
            check(parameter.distribution)
            for reference in parameter.distribution.references():
                if reference not in before:
                    raise RecipeError(
                        f"parameter '{name}' depends on '{reference}', which does not stand before it",
                        remedy=f"define '{reference}' first",
                    )
            before.add(name)
        joined: set[str] = set()
        for group in correlations:
            group.factor()
            for name in group.names:
                if name in joined:
                    raise RecipeError(
                        f"parameter '{name}' is in two correlations", remedy="join them in one correlation matrix"
                    )
                joined.add(name)
                member = self.parameters.get(name)
                if (
                    member is None
                    or not isinstance(member.distribution, Invertible)
                    or any(map(math.isfinite, member.bounds))
                ):
                    raise RecipeError(
                        f"parameter '{name}' cannot be correlated",
                        remedy="a copula takes unbounded uniform, log_uniform, normal, log_normal or fixed parameters",
                    )

    def __reduce__(self) -> tuple[object, ...]:
        # a read-only view does not cross process borders by itself
        return type(self), (dict(self.parameters), self.correlations, self.constraints)

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(self.parameters)

    def sample(self, streams: Streams) -> dict[str, NDArray[np.float64]]:
        """One value (batch,) a draw of every parameter; read-only, for what is recorded is what is simulated with.

        Raises `RecipeError` where constraints hardly ever hold.
        """
        theta = self._unconstrained(streams)
        for attempt in range(1, _MOST_TRIES):
            rows = np.flatnonzero(~self._allowed(theta, len(streams)))
            if not len(rows):
                break
            again = self._unconstrained(streams.take(rows).scoped(f"constraint/{attempt}"))
            for name, values in again.items():
                theta[name][rows] = values
        else:
            broken = next(one for one in self.constraints if not one.holds(theta).all())
            raise RecipeError(
                f"the constraint '{broken.description or dict(broken.coefficients)}' hardly ever holds",
                remedy="widen it, or the parameters it is about",
            )
        for values in theta.values():
            values.flags.writeable = False
        return theta

    def _allowed(self, theta: Mapping[str, NDArray[np.float64]], batch: int) -> NDArray[np.bool_]:
        """Whether all constraints hold, by draw (batch,)."""
        allowed = np.ones(batch, dtype=np.bool_)
        for constraint in self.constraints:
            allowed &= constraint.holds(theta)
        return allowed

    def _unconstrained(self, streams: Streams) -> dict[str, NDArray[np.float64]]:
        """One value (batch,) a draw of every parameter, whatever the constraints."""
        probabilities = self._copula(streams)
        theta: dict[str, NDArray[np.float64]] = {}
        for name, parameter in self.parameters.items():
            theta[name] = self._draw(name, parameter, theta, streams, probabilities.get(name))
        return theta

    def replace(self, changes: Mapping[str, Any]) -> Prior:
        """Prior with changed parameters: some arguments of a distribution, or a whole new one.

        Raises `RecipeError` for a parameter that is not there or arguments that are wrong.
        """
        parameters = dict(self.parameters)
        for name, change in changes.items():
            if name not in parameters:
                raise RecipeError(f"prior has no parameter '{name}'", remedy=f"it has: {', '.join(self.names)}")
            if isinstance(change, int | float):
                change = {"distribution": "fixed", "value": float(change)}
            if not isinstance(change, Mapping):
                raise RecipeError(
                    f"prior of '{name}': expected a number or arguments, got {change!r}", remedy="e.g. {low: 0.1}"
                )
            old = parameters[name].to_json()
            kept = {key: old[key] for key in _ABOUT if key in old} if "distribution" in change else old
            try:
                parameters[name] = Parameter.from_json({**kept, **change})
            except RecipeError as error:
                raise RecipeError(f"prior of '{name}': {error.message}", remedy=error.remedy) from error
        return Prior(parameters, self.correlations, self.constraints)

    def merged(self, other: Prior) -> Prior:
        """Both priors in one; a name that both have must mean the same."""
        for name in set(self.parameters) & set(other.parameters):
            if self.parameters[name] != other.parameters[name]:
                raise RecipeError(f"two priors differ in parameter '{name}'", remedy="rename one of them")
        return Prior(
            {**self.parameters, **other.parameters},
            (*self.correlations, *other.correlations),
            (*self.constraints, *other.constraints),
        )

    def prefixed(self, prefix: str) -> Prior:
        """The same prior with every name, and every reference to one, prefixed."""

        def renamed(parameter: Parameter) -> Parameter:
            names = {
                key: f"{prefix}{value}"
                for key, value in parameter.distribution.arguments().items()
                if isinstance(value, str)
            }
            return replace(parameter, distribution=replace(parameter.distribution, **names))  # type: ignore[type-var]

        groups = tuple(Correlated(tuple(f"{prefix}{n}" for n in g.names), g.correlation) for g in self.correlations)
        named = {f"{prefix}{name}": renamed(parameter) for name, parameter in self.parameters.items()}
        return Prior(named, groups, tuple(one.prefixed(prefix) for one in self.constraints))

    def to_json(self) -> dict[str, Any]:
        """JSON form: parameters by name, and correlations."""
        document: dict[str, Any] = {"parameters": {name: p.to_json() for name, p in self.parameters.items()}}
        if self.correlations:
            document["correlations"] = [
                {"names": list(group.names), "correlation": [list(row) for row in group.correlation]}
                for group in self.correlations
            ]
        if self.constraints:
            document["constraints"] = [one.to_json() for one in self.constraints]
        return document

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Prior:
        """Prior from its JSON form. Raises `RecipeError`."""
        groups = tuple(
            Correlated(tuple(group["names"]), tuple(tuple(map(float, row)) for row in group["correlation"]))
            for group in document.get("correlations", ())
        )
        return Prior(
            {name: Parameter.from_json(one) for name, one in document["parameters"].items()},
            groups,
            tuple(Constraint.from_json(one) for one in document.get("constraints", ())),
        )

    def _copula(self, streams: Streams) -> dict[str, NDArray[np.float64]]:
        """Probabilities (batch,) of the parameters that are correlated."""
        probabilities: dict[str, NDArray[np.float64]] = {}
        for group in self.correlations:
            scores = np.stack(
                [
                    samplers.normal_quantile(samplers.uniforms(streams.key(f"prior/{name}"), streams.draws))
                    for name in group.names
                ]
            )
            # summed term by term: what a matrix product rounds to depends on the size of the batch
            factor = group.factor()
            joined = [sum(weight * row for weight, row in zip(line, scores, strict=True)) for line in factor]
            for name, row in zip(group.names, joined, strict=True):
                probabilities[name] = np.array([0.5 * math.erfc(-score / math.sqrt(2.0)) for score in row])
        return probabilities

    @staticmethod
    def _draw(
        name: str,
        parameter: Parameter,
        theta: Mapping[str, NDArray[np.float64]],
        streams: Streams,
        probability: NDArray[np.float64] | None,
    ) -> NDArray[np.float64]:
        distribution = parameter.distribution
        arguments = {
            key: theta[value] if isinstance(value, str) else np.full(len(streams), float(value))
            for key, value in distribution.arguments().items()
            if not isinstance(value, tuple)
        }
        if distribution.references() and (wrong := problem(distribution, arguments)):
            raise RecipeError(
                f"parameter '{name}' depends on {', '.join(distribution.references())}, and in some draw {wrong}",
                remedy="change its arguments or bound what it depends on",
            )
        if probability is not None and isinstance(distribution, Invertible):
            return distribution.quantile(probability, arguments)
        low, high = parameter.bounds
        values = distribution.sample(arguments, streams.key(f"prior/{name}"), streams.draws)
        for attempt in range(1, _MOST_TRIES):
            outside = np.flatnonzero((values < low) | (values > high))
            if not len(outside):
                return values
            again = {key: array[outside] for key, array in arguments.items()}
            purpose = f"prior/{name}/{attempt}"
            values[outside] = distribution.sample(again, streams.key(purpose), streams.draws[outside])
        raise RecipeError(
            f"parameter '{name}' hardly ever falls within its bounds {parameter.bounds}",
            remedy="widen them or change it",
        )
