"""A joint constraint on parameters: a linear inequality that every draw fulfils."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import RecipeError


@dataclass(frozen=True, eq=False)
class Constraint:
    """The weighted sum of some parameters is at least ``least``; draws that are not so are made anew, all together.

    The prior is then the one written down, conditioned on the constraint.
    """

    coefficients: Mapping[str, float]
    least: float = 0.0
    description: str = ""

    def __post_init__(self) -> None:
        numbers = {name: float(value) for name, value in self.coefficients.items()}
        if not numbers or not all(map(math.isfinite, (*numbers.values(), float(self.least)))):
            raise RecipeError(
                f"constraint '{self.description}' is no inequality: {dict(self.coefficients)!r} >= {self.least!r}",
                remedy="give a finite coefficient for each parameter, and a finite bound",
            )
        object.__setattr__(self, "coefficients", MappingProxyType(numbers))

    def __reduce__(self) -> tuple[object, ...]:
        # a read-only view does not cross process borders by itself
        return type(self), (dict(self.coefficients), self.least, self.description)

    def holds(self, theta: Mapping[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
        """Whether each draw (batch,) fulfils it."""
        total = sum(weight * theta[name] for name, weight in self.coefficients.items())
        return np.asarray(total >= self.least)

    def prefixed(self, prefix: str) -> Constraint:
        """The same constraint on parameters whose names are prefixed."""
        names = {f"{prefix}{name}": weight for name, weight in self.coefficients.items()}
        return Constraint(names, self.least, self.description)

    def to_json(self) -> dict[str, Any]:
        """JSON form."""
        return {"coefficients": dict(self.coefficients), "least": self.least, "description": self.description}

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Constraint:
        """Constraint from its JSON form. Raises `RecipeError`."""
        return Constraint(document["coefficients"], document.get("least", 0.0), document.get("description", ""))
