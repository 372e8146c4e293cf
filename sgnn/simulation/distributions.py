"""Distributions of parameters: how a draw is made, what arguments there are, and their JSON form.

An argument is a number, or the name of an earlier parameter of the same prior (a dependent distribution).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation import samplers

Array = NDArray[np.float64]
Argument = float | str
"""A number, or the name of an earlier parameter."""


class Distribution(ABC):
    """A distribution of one parameter; subclasses are frozen dataclasses whose fields are its arguments."""

    kind: ClassVar[str]

    def __post_init__(self) -> None:
        # 1 and 1.0 are the same distribution, and must have the same JSON form
        for name, value in self.arguments().items():
            if isinstance(value, bool) or not isinstance(value, int | float | np.number | str):
                raise RecipeError(
                    f"distribution {self.kind}: {name} is {value!r}",
                    remedy="give a number, or the name of an earlier parameter",
                )
            if not isinstance(value, str):
                object.__setattr__(self, name, float(value))

    @abstractmethod
    def sample(self, arguments: Mapping[str, Array], key: np.uint64, draws: NDArray[np.int64]) -> Array:
        """One value (batch,) a draw; ``arguments`` holds every argument as an array (batch,)."""

    def arguments(self) -> dict[str, Argument]:
        """Arguments by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def references(self) -> tuple[str, ...]:
        """Names of the parameters that this one depends on."""
        return tuple(value for value in self.arguments().values() if isinstance(value, str))

    def to_json(self) -> dict[str, Any]:
        """`{"distribution": kind, argument: value, …}`."""
        return {"distribution": self.kind, **self.arguments()}


class Invertible(Distribution):
    """A distribution whose quantile function has a closed form, so that it can take part in a copula."""

    def sample(self, arguments: Mapping[str, Array], key: np.uint64, draws: NDArray[np.int64]) -> Array:
        """One value (batch,) a draw, by inversion."""
        return self.quantile(samplers.uniforms(key, draws), arguments)

    @abstractmethod
    def quantile(self, probability: Array, arguments: Mapping[str, Array]) -> Array:
        """Value below which the probability lies."""


@dataclass(frozen=True)
class Fixed(Invertible):
    """Always the same value."""

    kind: ClassVar[str] = "fixed"
    value: Argument

    def quantile(self, probability: Array, arguments: Mapping[str, Array]) -> Array:
        """The value."""
        return np.broadcast_to(arguments["value"], probability.shape).astype(np.float64)


@dataclass(frozen=True)
class Uniform(Invertible):
    """Uniform between ``low`` and ``high``."""

    kind: ClassVar[str] = "uniform"
    low: Argument
    high: Argument

    def quantile(self, probability: Array, arguments: Mapping[str, Array]) -> Array:
        """Linear between the bounds."""
        return arguments["low"] + probability * (arguments["high"] - arguments["low"])


@dataclass(frozen=True)
class LogUniform(Invertible):
    """Uniform on the log scale between ``low`` and ``high``, both positive."""

    kind: ClassVar[str] = "log_uniform"
    low: Argument
    high: Argument

    def quantile(self, probability: Array, arguments: Mapping[str, Array]) -> Array:
        """Geometric between the bounds."""
        return np.asarray(arguments["low"] * (arguments["high"] / arguments["low"]) ** probability)


@dataclass(frozen=True)
class Normal(Invertible):
    """Normal with ``mean`` and standard deviation ``sd``."""

    kind: ClassVar[str] = "normal"
    mean: Argument
    sd: Argument

    def quantile(self, probability: Array, arguments: Mapping[str, Array]) -> Array:
        """Mean plus sd times the standard normal quantile."""
        return np.asarray(arguments["mean"] + arguments["sd"] * samplers.normal_quantile(probability))


@dataclass(frozen=True)
class LogNormal(Invertible):
    """Log-normal with ``median`` and standard deviation ``sd`` of the logarithm."""

    kind: ClassVar[str] = "log_normal"
    median: Argument
    sd: Argument

    def quantile(self, probability: Array, arguments: Mapping[str, Array]) -> Array:
        """Median times the exponential of sd times the standard normal quantile."""
        return np.asarray(arguments["median"] * np.exp(arguments["sd"] * samplers.normal_quantile(probability)))


@dataclass(frozen=True)
class Beta(Distribution):
    """Beta with shapes ``a`` and ``b``."""

    kind: ClassVar[str] = "beta"
    a: Argument
    b: Argument

    def sample(self, arguments: Mapping[str, Array], key: np.uint64, draws: NDArray[np.int64]) -> Array:
        """One value (batch,) a draw."""
        return np.asarray(samplers.betas(key, draws, arguments["a"], arguments["b"]))


@dataclass(frozen=True)
class Gamma(Distribution):
    """Gamma with ``shape`` and ``scale``."""

    kind: ClassVar[str] = "gamma"
    shape: Argument
    scale: Argument

    def sample(self, arguments: Mapping[str, Array], key: np.uint64, draws: NDArray[np.int64]) -> Array:
        """One value (batch,) a draw."""
        return np.asarray(arguments["scale"] * samplers.gammas(key, draws, arguments["shape"]))


@dataclass(frozen=True)
class Categorical(Distribution):
    """One of ``values`` with ``probabilities`` (even where not given)."""

    kind: ClassVar[str] = "categorical"
    values: tuple[float, ...]
    probabilities: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        values = tuple(float(value) for value in self.values)
        even = tuple(1.0 / len(values) for _ in values) if values else ()
        probabilities = tuple(float(p) for p in self.probabilities) or even
        if (
            len(probabilities) != len(values)
            or not values
            or min(probabilities) < 0
            or abs(sum(probabilities) - 1) > 1e-9
        ):
            raise RecipeError(
                f"categorical: {len(values)} values with probabilities {probabilities}",
                remedy="give as many probabilities as values, none negative, adding up to 1",
            )
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "probabilities", probabilities)

    def sample(self, arguments: Mapping[str, Array], key: np.uint64, draws: NDArray[np.int64]) -> Array:
        """One value (batch,) a draw."""
        chosen = np.searchsorted(np.cumsum(self.probabilities), samplers.uniforms(key, draws), side="right")
        return np.asarray(np.asarray(self.values)[np.minimum(chosen, len(self.values) - 1)])

    def references(self) -> tuple[str, ...]:
        """None: its arguments are numbers."""
        return ()

    def to_json(self) -> dict[str, Any]:
        """Values and probabilities as lists."""
        return {"distribution": self.kind, "values": list(self.values), "probabilities": list(self.probabilities)}


KINDS: dict[str, type[Distribution]] = {
    cls.kind: cls for cls in (Fixed, Uniform, LogUniform, Normal, LogNormal, Beta, Gamma, Categorical)
}


def from_json(document: Mapping[str, Any]) -> Distribution:
    """Distribution from its JSON form. Raises `RecipeError` for an unknown kind or wrong arguments."""
    kind = document.get("distribution")
    if not isinstance(kind, str) or kind not in KINDS:
        raise RecipeError(f"unknown distribution {kind!r}", remedy=f"one of: {', '.join(KINDS)}")
    arguments = {name: value for name, value in document.items() if name != "distribution"}
    expected = [field.name for field in fields(KINDS[kind])]  # type: ignore[arg-type]
    if unknown := set(arguments) - set(expected):
        raise RecipeError(
            f"distribution {kind}: unknown argument '{min(unknown)}'", remedy=f"it takes {', '.join(expected)}"
        )
    try:
        made = KINDS[kind](**arguments)
    except (TypeError, ValueError) as error:
        raise RecipeError(f"distribution {kind}: {error}", remedy=f"it takes {', '.join(expected)}") from error
    check(made)
    return made


def check(distribution: Distribution) -> None:
    """Raise `RecipeError` where the arguments that are numbers make no distribution."""
    numbers = {name: np.array([v]) for name, v in distribution.arguments().items() if isinstance(v, float)}
    if wrong := problem(distribution, numbers):
        raise RecipeError(f"distribution {distribution.to_json()}: {wrong}", remedy="change its arguments")


def problem(distribution: Distribution, arguments: Mapping[str, Array]) -> str:
    """What is wrong with some or all of a distribution's arguments, each (batch,); nothing where they are right."""
    if any(not np.isfinite(values).all() for values in arguments.values()):
        return "arguments must be finite"
    if isinstance(distribution, Uniform | LogUniform):
        if {"low", "high"} <= set(arguments) and (arguments["low"] > arguments["high"]).any():
            return "low must not be above high"
        positive = set(arguments) if isinstance(distribution, LogUniform) else set()
    else:
        positive = {"median", "a", "b", "shape", "scale"} & set(arguments)
    if negative := sorted(name for name in positive if (arguments[name] <= 0).any()):
        return f"{negative[0]} must be positive"
    if "sd" in arguments and (arguments["sd"] < 0).any():
        return "sd must not be negative"
    return ""
