"""What a corpus holds: dimensions, variables, parameters, mechanisms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sgnn.simulation.simulator import Dimension, Variable


@dataclass(frozen=True)
class ParameterInfo:
    """A parameter's name, unit and meaning."""

    name: str
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class Schema:
    """Dimensions, variables, parameters and mechanisms of the draws of a recipe."""

    dimensions: tuple[Dimension, ...]
    variables: tuple[Variable, ...]
    parameters: tuple[ParameterInfo, ...]
    mechanisms: tuple[str, ...]

    def variable(self, name: str) -> Variable:
        """The variable of that name. Raises `KeyError`."""
        return {variable.name: variable for variable in self.variables}[name]

    def dimension(self, name: str) -> Dimension:
        """The dimension of that name. Raises `KeyError`."""
        return {dimension.name: dimension for dimension in self.dimensions}[name]

    def with_variables(self, variables: tuple[Variable, ...]) -> Schema:
        """The schema with these variables, and only the dimensions that they have."""
        used = {dim for variable in variables for dim in variable.dims}
        return replace(self, variables=variables, dimensions=tuple(d for d in self.dimensions if d.name in used))

    def to_json(self) -> dict[str, Any]:
        """JSON form; infinite bounds become null."""
        document = asdict(self)
        for variable in document["variables"]:
            variable["valid_range"] = [bound if math.isfinite(bound) else None for bound in variable["valid_range"]]
        return document

    @staticmethod
    def from_json(document: Mapping[str, Any]) -> Schema:
        """Schema from its JSON form. Raises `KeyError` or `TypeError` for another document."""

        def variable(one: Mapping[str, Any]) -> Variable:
            low, high = one["valid_range"]
            bounds = (-math.inf if low is None else low, math.inf if high is None else high)
            return Variable(**{**one, "dims": tuple(one["dims"]), "valid_range": bounds})

        return Schema(
            dimensions=tuple(Dimension(**one) for one in document["dimensions"]),
            variables=tuple(variable(one) for one in document["variables"]),
            parameters=tuple(ParameterInfo(**one) for one in document["parameters"]),
            mechanisms=tuple(document["mechanisms"]),
        )
