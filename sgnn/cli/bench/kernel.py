"""Draws a second of a simulator on one core, beside a loop that draws its binomials and does nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.cli.bench.figure import Figure, best_seconds

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace

Int64 = NDArray[np.int64]

SIMULATOR = "epidemics.seir"
DRAWS = 256
# a chain-binomial SEIR moves people by three binomials a day: infected, infectious, removed
BINOMIALS_A_DAY = 3


def measure(place: Workplace) -> Figure:
    """The whole simulator, delays and outcomes included, against its random numbers alone."""
    from sgnn.simulation import Streams
    from sgnn.simulation.registry import SIMULATORS, find

    del place
    simulator = find(SIMULATORS, SIMULATOR)()
    streams = Streams("bench", np.arange(DRAWS))
    theta = simulator.prior().sample(streams)
    days = next(one.size for one in simulator.dimensions() if one.name == "day") + theta["burn_in"].astype(np.int64)
    numbers = _binomials_only()
    key = streams.key("bench")
    whole = best_seconds(lambda: simulator.simulate(theta, streams))
    bare = best_seconds(lambda: numbers(key, streams.draws, days, theta["population"].astype(np.int64)))
    return Figure(
        name="kernel",
        what=f"{SIMULATOR}, one core",
        value=DRAWS / whole,
        unit="draws/s",
        reference=f"only its {BINOMIALS_A_DAY} binomials a day",
        reference_value=DRAWS / bare,
    )


def _binomials_only() -> Callable[[np.uint64, Int64, Int64, Int64], int]:
    """Compiled: draws the binomials of epidemics of so many days (batch,) among so many people (batch,)."""
    from numba import njit

    from sgnn.simulation.random import binomial, open_stream

    @njit(nogil=True)
    def numbers(key: Any, draws: Any, days: Any, population: Any) -> int:
        total = 0
        for at in range(len(draws)):
            state = open_stream(key, draws[at])
            # as many people as an epidemic moves while it is neither dying out nor at its peak
            people = max(population[at] // 1000, 1)
            for _ in range(days[at] * BINOMIALS_A_DAY):
                total += binomial(state, people, 0.2)
        return total

    return numbers
