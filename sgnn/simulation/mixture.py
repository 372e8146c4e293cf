"""A mixture of simulators: a prior over mechanisms; every draw remembers its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation import samplers
from sgnn.simulation.declaration import check_variables
from sgnn.simulation.prior import Prior
from sgnn.simulation.simulator import Dimension, Simulator, Variable
from sgnn.simulation.streams import Streams


@dataclass(frozen=True)
class Component:
    """One mechanism of a mixture: a simulator, its weight, and its prior (the simulator's own, or a changed one).

    ``observation`` changes the prior of the observation in its draws: what is reported of one mechanism may be reported
    otherwise than of another.
    """

    simulator: Simulator
    weight: float
    prior: Prior
    observation: Mapping[str, Any] = field(default_factory=dict)


class Mixture:
    """Simulators with weights whose dimensions and variables agree.

    Raises `RecipeError` where two give the same dimension or variable differently.
    """

    def __init__(self, components: Sequence[Component]) -> None:
        if not components:
            raise RecipeError("a mixture needs a simulator", remedy="name one")
        self.components = tuple(components)
        self.names = tuple(component.simulator.name for component in self.components)
        if twice := {name for name in self.names if self.names.count(name) > 1}:
            raise RecipeError(
                f"simulator '{min(twice)}' is in the mixture twice", remedy="add up the weights in one entry"
            )
        weights = np.array([component.weight for component in self.components], dtype=np.float64)
        if not (np.isfinite(weights).all() and weights.min() >= 0.0 and weights.sum() > 0.0):
            raise RecipeError(
                f"weights {weights.tolist()} of the simulators",
                remedy="give weights of at least 0, one of them above 0",
            )
        self._cumulative = np.cumsum(weights / weights.sum())
        self.dimensions: dict[str, Dimension] = {}
        self.variables: dict[str, Variable] = {}
        for component in self.components:
            self._add(component.simulator)

    def _add(self, simulator: Simulator) -> None:
        for dimension in simulator.dimensions():
            if self.dimensions.setdefault(dimension.name, dimension) != dimension:
                raise RecipeError(
                    f"simulator '{simulator.name}' has another dimension '{dimension.name}' than {self.names[0]}",
                    remedy="give all simulators the same settings",
                )
        check_variables(f"simulator '{simulator.name}'", simulator.variables(), simulator.dimensions())
        for variable in simulator.variables():
            if self.variables.setdefault(variable.name, variable) != variable:
                raise RecipeError(
                    f"simulator '{simulator.name}' declares variable '{variable.name}' otherwise than {self.names[0]}",
                    remedy="let them agree or name them apart",
                )

    def mechanisms(self, streams: Streams) -> NDArray[np.int16]:
        """Index (batch,) of each draw's mechanism."""
        chosen = np.searchsorted(
            self._cumulative, samplers.uniforms(streams.key("mechanism"), streams.draws), side="right"
        )
        return np.asarray(np.minimum(chosen, len(self.components) - 1), dtype=np.int16)
