"""What is estimated: a parameter of the draw or an output of its simulator, and the scale on which it is learnt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from sgnn.errors import RecipeError
from sgnn.simulation import Schema

Array = NDArray[np.float64]
_EDGE = 1e-6
_NEARLY = 1.1
"""What is told as less than so many times the least value told apart is told as 0."""


class Target(BaseModel):
    """One quantity to estimate."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="name of a parameter, or of a variable with one value a draw; of a path, a series")
    quantity: str | None = Field(default=None, description="its name in the corpus, where that is another")
    scale: Literal["identity", "log", "logit", "count"] = Field(
        default="identity",
        description="scale on which it is learnt: log for positive, logit for shares, count for log(1 + value)",
    )

    least: float = Field(
        default=_EDGE, gt=0, description="on the scale log: what is smaller is learnt as this, and told as 0"
    )

    @property
    def stored(self) -> str:
        """Its name in the corpus."""
        return self.quantity or self.name

    def to_scale(self, values: Array) -> Array:
        """Values on the scale on which they are learnt; NaN where there is none."""
        if self.scale == "log":
            return np.log(np.maximum(values, self.least))
        if self.scale == "logit":
            share = np.clip(values, _EDGE, 1.0 - _EDGE)
            return np.log(share) - np.log1p(-share)
        if self.scale == "count":
            return np.log1p(np.maximum(values, 0.0))
        return values

    def from_scale(self, values: Array) -> Array:
        """Inverse of `to_scale`."""
        if self.scale == "log":
            found = np.exp(values)
            return np.asarray(np.where(found < _NEARLY * self.least, 0.0, found))
        if self.scale == "logit":
            return np.asarray(1.0 / (1.0 + np.exp(-values)))
        if self.scale == "count":
            return np.maximum(np.expm1(values), 0.0)
        return values


class Given(Target):
    """One quantity that may be known beside a series."""

    default: float | None = Field(
        default=None, description="what is taken for known of a table that says nothing of it; unknown where not given"
    )


def target_units(targets: tuple[Target, ...], schema: Schema) -> tuple[str, ...]:
    """Unit of every target. Raises `RecipeError` for one that the corpus does not hold once a draw."""
    parameters = {one.name: one.unit for one in schema.parameters}
    scalars = {one.name: one.unit for one in schema.variables if not one.dims}
    known = parameters | scalars
    for target in targets:
        if target.stored not in known:
            raise RecipeError(
                f"nothing to estimate under the name '{target.stored}'",
                remedy=f"there are: {', '.join((*scalars, *parameters))}",
            )
    return tuple(known[target.stored] or "1" for target in targets)


def path_units(paths: tuple[Target, ...], schema: Schema, dims: tuple[str, ...]) -> tuple[str, ...]:
    """Unit of every path. Raises `RecipeError` for one that the corpus does not hold along the series' ``dims``."""
    known = {one.name: one.unit for one in schema.variables if one.dims == dims}
    for path in paths:
        if path.stored not in known:
            raise RecipeError(f"no path '{path.stored}' along the series", remedy=f"there are: {', '.join(known)}")
    return tuple(known[path.stored] or "1" for path in paths)


def stored_arrays(targets: tuple[Target, ...], schema: Schema) -> tuple[str, ...]:
    """Names of the corpus's arrays that hold the targets: `theta` for parameters."""
    scalars = {one.name for one in schema.variables if not one.dims}
    own = tuple(target.stored for target in targets if target.stored in scalars)
    return own if len(own) == len(targets) else (*own, "theta")


def target_values(targets: tuple[Target, ...], draws: Mapping[str, NDArray[Any]], columns: Mapping[str, int]) -> Array:
    """Targets (draw, target) on their scales; ``columns`` gives the column of `theta` of each parameter."""
    found = [
        draws[target.stored] if target.stored in draws else draws["theta"][:, columns[target.stored]]
        for target in targets
    ]
    scaled = [target.to_scale(one.astype(np.float64)) for target, one in zip(targets, found, strict=True)]
    return np.stack(scaled, axis=1) if scaled else np.zeros((len(next(iter(draws.values()))), 0))
