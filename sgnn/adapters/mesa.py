"""Agent-based models written with mesa (https://mesa.readthedocs.io), which is the extra `mesa`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from sgnn.simulation.prior import Prior
from sgnn.simulation.scalar import ScalarSimulator
from sgnn.simulation.simulator import Dimension, Variable


class AgentBasedModel(ScalarSimulator):
    """Run a mesa model for a number of steps, and read the series that its data collector has under each output's name.

    ``model`` makes a model from the parameters, the ``fixed`` arguments, and ``rng``, the draw's own generator, which
    it must hand on to `mesa.Model`. Parameters named in ``whole`` reach it as whole numbers. A series is as long as the
    one dimension of its output; an output without dimensions is the last value collected.
    """

    def __init__(
        self,
        model: Callable[..., Any],
        *,
        name: str,
        version: str,
        steps: int,
        prior: Prior,
        dimensions: Sequence[Dimension],
        variables: Sequence[Variable],
        fixed: Mapping[str, Any] | None = None,
        whole: Sequence[str] = (),
    ) -> None:
        self.name, self.version, self.__doc__ = name, version, model.__doc__
        self._model, self._steps, self._prior = model, steps, prior
        self._dimensions, self._variables = tuple(dimensions), tuple(variables)
        self._fixed, self._whole = dict(fixed or {}), tuple(whole)

    def prior(self) -> Prior:
        return self._prior

    def dimensions(self) -> tuple[Dimension, ...]:
        return self._dimensions

    def variables(self) -> tuple[Variable, ...]:
        return self._variables

    def simulate_one(self, theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
        """Outputs of one run. Raises `ValueError` where the model collects no series of an output's name."""
        arguments = {name: round(value) if name in self._whole else value for name, value in theta.items()}
        model = self._model(**arguments, **self._fixed, rng=generator)
        for _ in range(self._steps):
            model.step()
        collected: Mapping[str, Sequence[float]] = model.datacollector.model_vars
        made = {}
        for variable in self._variables:
            if variable.name not in collected:
                names = ", ".join(collected) or "nothing"
                raise ValueError(f"the model's data collector has {names}, not the output '{variable.name}'")
            series = np.asarray(collected[variable.name]).astype(variable.dtype, casting="same_kind")
            made[variable.name] = series if variable.dims else series[-1]
        return made
