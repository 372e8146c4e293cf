"""Functions made into simulators: of one draw at a time, or of a whole batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from sgnn.simulation.prior import Prior
from sgnn.simulation.scalar import ScalarSimulator
from sgnn.simulation.simulator import Dimension, Outputs, Simulator, Theta, Variable
from sgnn.simulation.streams import Streams

OneDraw = Callable[[Mapping[str, float], np.random.Generator], Mapping[str, Any]]
Batch = Callable[[Theta, Streams], Outputs]


class _Lifted(Simulator):
    """A function and what is declared of it. It crosses process borders as far as its function does."""

    def __init__(
        self,
        function: Callable[..., Any],
        name: str,
        version: str,
        prior: Prior,
        dimensions: Sequence[Dimension],
        variables: Sequence[Variable],
    ) -> None:
        self.name, self.version, self.__doc__ = name, version, function.__doc__
        self._function, self._prior = function, prior
        self._dimensions, self._variables = tuple(dimensions), tuple(variables)

    def prior(self) -> Prior:
        return self._prior

    def dimensions(self) -> tuple[Dimension, ...]:
        return self._dimensions

    def variables(self) -> tuple[Variable, ...]:
        return self._variables


class LiftedScalar(_Lifted, ScalarSimulator):
    """A function of one draw's parameters and its random generator."""

    def simulate_one(self, theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
        made: Mapping[str, Any] = self._function(theta, generator)
        return made


class LiftedBatch(_Lifted):
    """A function of a batch's parameters and streams."""

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        made: Outputs = self._function(theta, streams)
        return made


def lift(
    function: OneDraw,
    *,
    name: str,
    version: str,
    prior: Prior,
    dimensions: Sequence[Dimension],
    variables: Sequence[Variable],
) -> Simulator:
    """Simulator from a function of one draw's parameters and its random generator, which gives outputs (*dims)."""
    return LiftedScalar(function, name, version, prior, dimensions, variables)


def lift_batch(
    function: Batch,
    *,
    name: str,
    version: str,
    prior: Prior,
    dimensions: Sequence[Dimension],
    variables: Sequence[Variable],
) -> Simulator:
    """Simulator from a function of parameters (batch,) and the batch's streams, which gives outputs (batch, *dims)."""
    return LiftedBatch(function, name, version, prior, dimensions, variables)
