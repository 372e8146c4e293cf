"""Whether what was made is what was declared.

A broken declaration is an error of the simulator or operator and ends the work; it is never one draw's misfortune.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation.simulator import Dimension, Outputs, Variable

_REMEDY = "let variables() and the outputs agree"


def check_variables(who: str, variables: Iterable[Variable], dimensions: Iterable[Dimension]) -> None:
    """Raise `RecipeError` where a variable has a dimension or a size variable that is not declared."""
    variables = tuple(variables)
    dims, names = {dimension.name for dimension in dimensions}, {variable.name for variable in variables}
    for variable in variables:
        unknown = [f"dimension '{dim}'" for dim in variable.dims if dim not in dims]
        if variable.size is not None and variable.size not in names:
            unknown.append(f"size variable '{variable.size}'")
        if unknown:
            raise RecipeError(f"{who}: '{variable.name}' has the undeclared {unknown[0]}", remedy="declare it")


def as_declared(
    who: str, made: Mapping[str, Any], declared: Mapping[str, Variable], sizes: Mapping[str, int], batch: int
) -> Outputs:
    """Outputs (batch, *dims) in their declared types; ``sizes`` are the lengths of the dimensions by name.

    Raises `RecipeError` naming who gave a variable that is not declared, left one out, or gave another shape or kind
    of number; `ValueError` where a whole number does not fit its declared type.
    """
    same_names(who, made, set(declared))
    outputs: Outputs = {}
    for name, variable in declared.items():
        shape = (batch, *(sizes[dim] for dim in variable.dims))
        values = made[name]
        if not isinstance(values, np.ndarray):
            raise RecipeError(
                f"{who} gave '{name}' as {type(values).__name__}, declared is an array {shape}", remedy=_REMEDY
            )
        if values.shape != shape:
            raise RecipeError(f"{who} gave '{name}' with shape {values.shape}, declared is {shape}", remedy=_REMEDY)
        outputs[name] = in_type(who, variable, values)
    return outputs


def same_names(who: str, made: Mapping[str, Any], declared: set[str]) -> None:
    """Raise `RecipeError` where the variables made are not those declared."""
    for name in sorted(set(made) ^ declared):
        what = "did not give" if name in declared else "gave the undeclared"
        raise RecipeError(f"{who} {what} variable '{name}'", remedy=_REMEDY)


def in_type(who: str, variable: Variable, values: NDArray[Any]) -> NDArray[Any]:
    """Values in the variable's declared type.

    Raises `RecipeError` where that would turn fractions into whole numbers, `ValueError` where a whole number does not
    fit. A float too large for its type becomes infinite, for which its draw is quarantined.
    """
    dtype = np.dtype(variable.dtype)
    if values.dtype == dtype:
        return values
    kinds_agree = np.can_cast(values.dtype, dtype, "same_kind") or (values.dtype.kind in "iu" and dtype.kind in "iu")
    if not kinds_agree:
        raise RecipeError(f"{who} gave '{variable.name}' as {values.dtype}, declared is {dtype}", remedy=_REMEDY)
    if dtype.kind in "iu" and values.dtype.kind in "iu" and values.size:
        limits = np.iinfo(dtype)
        for value in (int(values.min()), int(values.max())):
            if not limits.min <= value <= limits.max:
                raise ValueError(f"'{variable.name}' is {value}, which does not fit {dtype}")
    with np.errstate(over="ignore"):
        return values.astype(dtype)


def filled(variable: Variable, batch: int, sizes: Mapping[str, int]) -> NDArray[Any]:
    """Array (batch, *dims) of fill values in the variable's type: NaN, or 0 where it holds whole numbers."""
    shape = (batch, *(sizes[dim] for dim in variable.dims))
    dtype = np.dtype(variable.dtype)
    return np.full(shape, np.nan, dtype) if dtype.kind == "f" else np.zeros(shape, dtype)
