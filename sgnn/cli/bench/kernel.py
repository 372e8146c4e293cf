"""Draws a second of every epidemic mechanism on one core, beside its random numbers alone and a loop in Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sgnn.cli.bench.figure import Figure, best_of

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace
    from sgnn.domains.epidemics.mechanisms import Epidemic
    from sgnn.simulation import Streams, Theta

DRAWS = 128
LOOPED = 4


def measure(place: Workplace) -> tuple[Figure, ...]:
    """Whole simulators, delays and outcomes included; ratios are of draws a second, so 0.67 is 1.5 times the time."""
    del place
    return tuple(figure for simulator in _mechanisms() for figure in _of(simulator))


def _mechanisms() -> list[Epidemic]:
    from sgnn.domains.epidemics.mechanisms import Epidemic
    from sgnn.simulation.registry import SIMULATORS, find, names

    kinds = [find(SIMULATORS, name) for name in names(SIMULATORS) if name.startswith("epidemics.")]
    return [kind() for kind in kinds if issubclass(kind, Epidemic)]


def _of(simulator: Epidemic) -> Iterator[Figure]:
    """One mechanism beside its binomials, all its random numbers and, where there is one, the loop in Python."""
    from sgnn.cli.bench.numbers import recorded
    from sgnn.simulation import Streams

    streams = Streams("bench", np.arange(DRAWS))
    theta = simulator.prior().sample(streams)
    numbers, _ = recorded(simulator, theta, streams)
    binomials = numbers.binomials
    whole, bare, every = best_of(lambda: simulator.simulate(theta, streams), binomials.draw, numbers.draw)

    def beside(reference: str, value: float) -> Figure:
        return Figure("kernel", f"{simulator.name}, one core", DRAWS / whole, "draws/s", reference, value)

    yield beside(f"its {len(binomials.requests) / DRAWS:,.0f} binomials a draw alone", DRAWS / bare)
    yield beside(f"its {len(numbers.requests) / DRAWS:,.0f} random numbers a draw alone", DRAWS / every)
    if simulator.name == "epidemics.seir":
        yield beside("a loop over days in Python and NumPy", LOOPED / _looped(simulator, theta, streams))


def _looped(simulator: Epidemic, theta: Theta, streams: Streams) -> float:
    """Seconds of the loop in Python for the first few draws, whose days are about as many as those of the rest."""
    from sgnn.cli.bench.scalar import seir
    from sgnn.domains.epidemics.calendar import DAYS_PER_WEEK

    days = simulator.weeks * DAYS_PER_WEEK
    nearest = np.argsort(np.abs(theta["burn_in"] - theta["burn_in"].mean()))[:LOOPED]
    rows = [{name: float(values[row]) for name, values in theta.items()} for row in nearest]
    rng = streams.generator(0, "loop")
    return best_of(lambda: [seir(row, days, rng) for row in rows])[0]
