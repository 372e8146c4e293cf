"""Draws a second on one core of every simulator that says what its speed is held against, beside just that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sgnn.cli.bench.figure import Figure, best_of

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace
    from sgnn.simulation import Outputs, Prior, Streams, Theta

DRAWS = 128


class Measured(Protocol):
    """A simulator with references: work by name, and how many draws it stands for."""

    name: str

    def prior(self) -> Prior:
        """Prior of its parameters."""

    def simulate(self, theta: Theta, streams: Streams) -> Outputs:
        """Simulate a batch."""

    def references(self, theta: Theta, streams: Streams) -> Mapping[str, tuple[Callable[[], object], int]]:
        """What its speed for this batch is held against."""


def measure(place: Workplace) -> tuple[Figure, ...]:
    """Whole simulators, delays and outcomes included; ratios are of draws a second, so 0.67 is 1.5 times the time."""
    from sgnn.simulation.registry import SIMULATORS, find, names

    del place
    kinds = [find(SIMULATORS, name) for name in names(SIMULATORS)]
    return tuple(figure for kind in kinds if hasattr(kind, "references") for figure in _of(kind()))


def _of(simulator: Measured) -> list[Figure]:
    """One simulator beside each of its references."""
    from sgnn.simulation import Streams

    streams = Streams("bench", np.arange(DRAWS))
    theta = simulator.prior().sample(streams)
    references = simulator.references(theta, streams)
    works = [work for work, _ in references.values()]
    whole, *seconds = best_of(lambda: simulator.simulate(theta, streams), *works)
    return [
        Figure("kernel", f"{simulator.name}, one core", DRAWS / whole, "draws/s", reference, draws / bare)
        for (reference, (_, draws)), bare in zip(references.items(), seconds, strict=True)
    ]
