"""Simulators of one draw at a time, run one after the other; ragged outputs padded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation.declaration import filled, in_type, same_names
from sgnn.simulation.simulator import Outputs, Simulator, Theta, Variable
from sgnn.simulation.streams import Streams


class ScalarSimulator(Simulator):
    """A simulator that subclasses write for one draw.

    An output whose declared variable has a ``size`` may be shorter than its first dimension: it is padded (NaN or 0),
    and its length goes into the size variable, which the subclass does not give itself.
    """

    @abstractmethod
    def simulate_one(self, theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
        """Outputs (*dims) of one draw, from its parameters and its own random generator."""

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """One draw after the other.

        Raises `RecipeError` where an output is not as declared, `ValueError` where a ragged one does not fit.
        """
        variables = {variable.name: variable for variable in self.variables()}
        lengths = {variable.size for variable in variables.values() if variable.size is not None}
        sizes = {dimension.name: dimension.size for dimension in self.dimensions()}
        outputs = {name: filled(variable, len(streams), sizes) for name, variable in variables.items()}
        who = f"simulator '{self.name}'"
        for position in range(len(streams)):
            one = {name: float(values[position]) for name, values in theta.items()}
            made = self.simulate_one(one, streams.generator(position, "simulate"))
            same_names(who, made, set(variables) - lengths)
            measured: dict[str, int] = {}
            for name, value in made.items():
                length = _place(who, variables[name], outputs[name][position, ...], np.asarray(value))
                size = variables[name].size
                if size is not None and measured.setdefault(size, length) != length:
                    raise ValueError(f"'{name}' has {length} rows, but '{size}' is {measured[size]}")
            for name, length in measured.items():
                outputs[name][position] = length
        return outputs


def _place(who: str, variable: Variable, target: NDArray[Any], value: NDArray[Any]) -> int:
    """Put one draw's value (*dims) where it belongs; its number of rows, 0 for a scalar."""
    ragged = variable.size is not None and value.ndim > 0
    shape = (len(value), *target.shape[1:]) if ragged else target.shape
    if value.shape != shape:
        raise RecipeError(
            f"{who} gave '{variable.name}' with shape {value.shape}, declared is {target.shape} for a draw",
            remedy="let variables() and the outputs agree",
        )
    if ragged and len(value) > len(target):
        raise ValueError(
            f"'{variable.name}' has {len(value)} rows, its dimension '{variable.dims[0]}' holds {len(target)}"
        )
    place = target[: len(value)] if ragged else target
    place[...] = in_type(who, variable, value)
    return len(value) if value.ndim else 0
