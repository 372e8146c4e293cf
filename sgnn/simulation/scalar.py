"""Simulators of one draw at a time: plain Python functions lifted to batches, ragged outputs padded."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from sgnn.simulation.prior import Prior
from sgnn.simulation.simulator import Dimension, Outputs, Simulator, Theta, Variable
from sgnn.simulation.streams import Streams

OneDraw = Callable[[Mapping[str, float], np.random.Generator], Mapping[str, Any]]


class ScalarSimulator(Simulator):
    """A simulator that subclasses write for one draw.

    An output whose declared variable has a ``size`` may be shorter than its first dimension: it is padded (NaN or 0),
    and its length goes into the size variable.
    """

    @abstractmethod
    def simulate_one(self, theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
        """Outputs (*dims) of one draw, from its parameters and its own random generator."""

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """One draw after the other."""
        variables = {variable.name: variable for variable in self.variables()}
        sizes = {dimension.name: dimension.size for dimension in self.dimensions()}
        outputs = {
            name: np.full(
                (len(streams), *(sizes[dim] for dim in variable.dims)),
                np.nan if np.dtype(variable.dtype).kind == "f" else 0,
                dtype=variable.dtype,
            )
            for name, variable in variables.items()
        }
        for position in range(len(streams)):
            one = {name: float(values[position]) for name, values in theta.items()}
            made = self.simulate_one(one, streams.generator(position, "simulate"))
            for name, value in made.items():
                _place(outputs, variables[name], position, np.asarray(value))
        return outputs


def _place(outputs: Outputs, variable: Variable, position: int, value: Any) -> None:
    target = outputs[variable.name][position]
    if variable.size is None or value.ndim == 0:
        target[...] = value
        return
    if len(value) > len(target):
        raise ValueError(
            f"'{variable.name}' has {len(value)} rows, its dimension '{variable.dims[0]}' holds {len(target)}"
        )
    target[: len(value)] = value
    outputs[variable.size][position] = len(value)


def lift(
    function: OneDraw,
    *,
    name: str,
    version: str,
    prior: Prior,
    dimensions: Sequence[Dimension],
    variables: Sequence[Variable],
) -> Simulator:
    """Simulator from a function of one draw's parameters and its random generator."""

    class Lifted(ScalarSimulator):
        def prior(self) -> Prior:
            return prior

        def dimensions(self) -> tuple[Dimension, ...]:
            return tuple(dimensions)

        def variables(self) -> tuple[Variable, ...]:
            return tuple(variables)

        def simulate_one(self, theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
            return function(theta, generator)

    Lifted.name, Lifted.version, Lifted.__doc__ = name, version, function.__doc__
    return Lifted()
