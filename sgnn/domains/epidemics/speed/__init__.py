"""What the speed of an epidemic mechanism is held against: its random numbers alone, and a loop in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sgnn.domains.epidemics.calendar import DAYS_PER_WEEK
from sgnn.domains.epidemics.speed.loop import seir
from sgnn.domains.epidemics.speed.numbers import recorded
from sgnn.simulation import Streams

if TYPE_CHECKING:
    from sgnn.domains.epidemics.mechanisms import Epidemic
    from sgnn.simulation import Theta

_LOOPED = 4


def references(simulator: Epidemic, theta: Theta, streams: Streams) -> dict[str, tuple[Callable[[], object], int]]:
    """Work by name, and how many draws it stands for: of this batch, or of a few draws as long as its mean."""
    numbers, _ = recorded(simulator, theta, streams)
    binomials, draws = numbers.binomials, len(streams)
    work: dict[str, tuple[Callable[[], object], int]] = {
        f"its {len(binomials.requests) / draws:,.0f} binomials a draw alone": (binomials.draw, draws),
        f"its {len(numbers.requests) / draws:,.0f} random numbers a draw alone": (numbers.draw, draws),
    }
    if simulator.name == "epidemics.seir":
        days, rng = simulator.weeks * DAYS_PER_WEEK, streams.generator(0, "loop")
        nearest = np.argsort(np.abs(theta["burn_in"] - theta["burn_in"].mean()))[:_LOOPED]
        rows = [{name: float(values[row]) for name, values in theta.items()} for row in nearest]
        work["a loop over days in Python and NumPy"] = (lambda: [seir(row, days, rng) for row in rows], len(rows))
    return work
