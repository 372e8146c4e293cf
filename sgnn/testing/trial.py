"""One subject put to work on a batch of draws, again and again, with inputs of its own each time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation.observation import ObservationOperator
from sgnn.simulation.simulator import Outputs, Simulator, Theta
from sgnn.simulation.streams import Streams

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Trial(ABC):
    """Draws of one subject: parameters ``theta[name]`` (batch,) and the batch's streams."""

    theta: Theta
    streams: Streams

    @property
    @abstractmethod
    def subject(self) -> object:
        """What is tried."""

    @abstractmethod
    def run(self) -> Outputs:
        """Outputs (batch, *dims) from fresh copies of the inputs."""

    @abstractmethod
    def written(self) -> tuple[str, ...]:
        """Names of the inputs that a run writes to."""

    def take(self, rows: Rows) -> Self:
        """The trial of some of the draws."""
        theta = {name: values[rows] for name, values in self.theta.items()}
        return replace(self, theta=theta, streams=self.streams.take(rows))

    def under(self, corpus_key: str) -> Self:
        """The same draws of another corpus."""
        return replace(self, streams=replace(self.streams, corpus_key=corpus_key))

    def repeated(self, row: int) -> Self:
        """All draws with the inputs of one: what still differs between them is chance."""
        rows = np.full(len(self.streams), row)
        return replace(self.take(rows), streams=self.streams)


@dataclass(frozen=True)
class SimulatorTrial(Trial):
    """Draws of a simulator."""

    simulator: Simulator

    @property
    def subject(self) -> object:
        return self.simulator

    def run(self) -> Outputs:
        return self.simulator.simulate(copies(self.theta), self.streams.scoped(self.simulator.name))

    def written(self) -> tuple[str, ...]:
        theta = copies(self.theta)
        self.simulator.simulate(theta, self.streams.scoped(self.simulator.name))
        return differing(self.theta, theta)


@dataclass(frozen=True)
class OperatorTrial(Trial):
    """Draws seen by an operator; ``data`` (batch, *dims) are what it is shown."""

    operator: ObservationOperator
    data: Mapping[str, NDArray[Any]]

    @property
    def subject(self) -> object:
        return self.operator

    def run(self) -> Outputs:
        return self._observed(copies(self.data), copies(self.theta))

    def written(self) -> tuple[str, ...]:
        data, theta = copies(self.data), copies(self.theta)
        self._observed(data, theta)
        return (*differing(self.theta, theta), *differing(self.data, data))

    def take(self, rows: Rows) -> Self:
        return replace(super().take(rows), data={name: values[rows] for name, values in self.data.items()})

    def _observed(self, data: Mapping[str, NDArray[Any]], theta: Theta) -> Outputs:
        return self.operator.observe(data, theta, self.streams.scoped(f"observe/{self.operator.label}"))


def copies(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Writable copies, which nobody else holds."""
    return {name: np.array(values) for name, values in arrays.items()}


def differing(one: Mapping[str, NDArray[Any]], other: Mapping[str, NDArray[Any]]) -> tuple[str, ...]:
    """Names under which the two hold other bytes."""
    return tuple(name for name in one if name not in other or one[name].tobytes() != other[name].tobytes())


def differing_rows(one: Outputs, other: Outputs) -> dict[str, Rows]:
    """Rows, by name, in which two sets of outputs hold other bytes; all of them where a shape or type is another."""
    found = {}
    for name in differing(one, other):
        mine, theirs = one[name], other.get(name)
        if theirs is None or mine.shape != theirs.shape or mine.dtype != theirs.dtype:
            found[name] = np.arange(len(mine))
        else:
            rows = zip(mine, theirs, strict=True)
            found[name] = np.flatnonzero([a.tobytes() != b.tobytes() for a, b in rows])
    return found


def told(rows: Mapping[str, Rows], draws: Sequence[int] | NDArray[np.int64]) -> str:
    """`'count' of draws 3, 7 and 12 more`, for the first of the names."""
    name, which = next(iter(rows.items()))
    named = ", ".join(str(int(draws[row])) for row in which[:2])
    more = f" and {len(which) - 2} more" if len(which) > 2 else ""
    return f"'{name}' of draw{'s' if len(which) > 1 else ''} {named}{more}"
