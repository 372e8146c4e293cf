"""Draws: parameters, simulation, observation and verdict, for any range of draw indices."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation.declaration import as_declared, filled
from sgnn.simulation.mixture import Component, Mixture
from sgnn.simulation.observation import ObservationPipeline
from sgnn.simulation.prior import Prior
from sgnn.simulation.runner import DrawFailure, Runner
from sgnn.simulation.schema import ParameterInfo, Schema
from sgnn.simulation.simulator import Outputs
from sgnn.simulation.streams import Streams
from sgnn.simulation.verdict import outside

OK, FAILED, QUARANTINED = 0, 1, 2

__all__ = ["FAILED", "OK", "QUARANTINED", "DrawGenerator", "Draws", "Schema"]


@dataclass(frozen=True)
class Draws:
    """Draws ``start`` to ``stop``: arrays (draw, …), θ (draw, parameter), and what became of each.

    ``errors`` gives the reason by draw index where the status is not ok; ``seconds_kernel`` the time spent in drawing
    parameters, simulating and observing.
    """

    arrays: Mapping[str, NDArray[Any]]
    theta: NDArray[np.float64]
    mechanism: NDArray[np.int16]
    status: NDArray[np.int8]
    errors: Mapping[int, str] = field(default_factory=dict)
    seconds_kernel: float = 0.0


class DrawGenerator:
    """All draws of a mixture seen through an observation pipeline; draw *i* is the same in every batch.

    A ``runner`` may run the mechanisms elsewhere. Raises `RecipeError` where the parts do not fit each other.
    """

    def __init__(
        self, mixture: Mixture, pipeline: ObservationPipeline | None, corpus_key: str, runner: Runner | None = None
    ) -> None:
        self.mixture = mixture
        self._runner = runner
        self.pipeline = pipeline or ObservationPipeline()
        self.corpus_key = corpus_key
        dimensions, variables = self.pipeline.outputs(mixture.dimensions, mixture.variables)
        self.observation_priors = tuple(self._observed(component) for component in mixture.components)
        """Prior of the observation of each mechanism."""
        parameters: dict[str, ParameterInfo] = {}
        for prior in (*(component.prior for component in mixture.components), self.pipeline.prior()):
            for name, parameter in prior.parameters.items():
                parameters.setdefault(name, ParameterInfo(name, parameter.unit, parameter.description))
        self.schema = Schema(
            tuple(dimensions.values()), tuple(variables.values()), tuple(parameters.values()), mixture.names
        )
        self._sizes = {name: dimension.size for name, dimension in dimensions.items()}

    def _observed(self, component: Component) -> Prior:
        try:
            return self.pipeline.prior(component.observation)
        except RecipeError as error:
            where = f"observation of '{component.simulator.name}'"
            raise RecipeError(f"{where}: {error.message}", remedy=error.remedy) from error

    def draws(self, start: int, stop: int) -> Draws:
        """Draws of indices ``start`` to ``stop``. Raises `RecipeError` where a simulator breaks its declaration."""
        began = time.perf_counter()
        streams = Streams(self.corpus_key, np.arange(start, stop))
        theta = np.full((len(streams), len(self.schema.parameters)), np.nan)
        columns = {parameter.name: column for column, parameter in enumerate(self.schema.parameters)}
        arrays = {variable.name: filled(variable, len(streams), self._sizes) for variable in self.schema.variables}
        status, errors = np.zeros(len(streams), dtype=np.int8), dict[int, str]()
        mechanism = self.mixture.mechanisms(streams)
        for index in range(len(self.mixture.components)):
            rows = np.flatnonzero(mechanism == index)
            if not len(rows):
                continue
            own = streams.take(rows)
            drawn = self.mixture.components[index].prior.sample(own) | self.observation_priors[index].sample(own)
            for name, values in drawn.items():
                theta[rows, columns[name]] = values
            done = 0
            while done < len(rows):
                left = len(rows) - done
                part = slice(done, done + (self._runner.portion(index, left) if self._runner else left))
                given = {name: values[part] for name, values in drawn.items()}
                self._fill(index, rows[part], own.take(part), given, arrays, status, errors)
                done = part.stop
        return Draws(arrays, theta, mechanism, status, errors, time.perf_counter() - began)

    def _fill(
        self,
        index: int,
        rows: NDArray[np.intp],
        streams: Streams,
        theta: Mapping[str, NDArray[np.float64]],
        arrays: Outputs,
        status: NDArray[np.int8],
        errors: dict[int, str],
    ) -> None:
        """Fill and judge the rows of one mechanism; a batch that raises is halved until the draws that do are found."""
        try:
            made = (self._runner or self).run(index, streams, theta)
        except RecipeError:
            raise
        except (Exception, SystemExit) as error:
            # a simulator that exits would take its thread along, and nobody would hear of it
            if len(rows) == 1:
                status[rows[0]] = FAILED
                errors[int(streams.draws[0])] = failure_reason(error)
                return
            for half in (slice(0, len(rows) // 2), slice(len(rows) // 2, None)):
                part = {name: values[half] for name, values in theta.items()}
                self._fill(index, rows[half], streams.take(half), part, arrays, status, errors)
            return
        for name, values in made.items():
            arrays[name][rows] = values
        given = [variable for variable in self.schema.variables if variable.name in made]
        for position, reason in outside(given, made).items():
            status[rows[position]] = QUARANTINED
            errors[int(streams.draws[position])] = reason

    def run(self, index: int, streams: Streams, theta: Mapping[str, NDArray[np.float64]]) -> Outputs:
        """Checked outputs, each (batch, *dims), of a batch of one mechanism. Raises what simulator and operators do."""
        simulator = self.mixture.components[index].simulator
        declared = {variable.name: variable for variable in simulator.variables()}
        made = simulator.simulate(theta, streams.scoped(simulator.name))
        outputs = as_declared(f"simulator '{simulator.name}'", made, declared, self._sizes, len(streams))
        expected = {v.name: v for v in self.schema.variables if v.name not in self.mixture.variables}
        observed = self.pipeline.observe(outputs, theta, streams)
        return outputs | as_declared("the observation", observed, expected, self._sizes, len(streams))


def failure_reason(error: BaseException) -> str:
    """Why a draw failed, as its record keeps it."""
    return (str(error) if isinstance(error, DrawFailure) else f"{type(error).__name__}: {error}")[:500]
