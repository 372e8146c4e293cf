"""The rule of the batch: a draw is itself, whatever it is made together with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sgnn.simulation.simulator import Outputs
from sgnn.testing.report import Finding
from sgnn.testing.trial import Rows, Trial, differing_rows, told

SIZES = (1, 2, 7)
MOST_RUNS = 8
_REMEDY = "let a draw depend on its own parameters and streams alone: no mean, sort or generator over the batch"


def batch(trial: Trial, together: Outputs) -> Iterator[Finding]:
    """Compare with ``together``: batches of 1, 2 and 7, another order, and other neighbours. One finding at most."""
    draws = trial.streams.draws
    for what, rows in _orders(len(draws)):
        try:
            made = trial.take(rows).run()
        except Exception as error:
            yield Finding("batch", f"{what}, it raises {type(error).__name__}: {error}", _REMEDY)
            return
        if other := differing_rows({name: values[rows] for name, values in together.items()}, made):
            yield Finding("batch", f"{told(other, draws[rows])} differs {what}", _REMEDY)
            return
    try:
        other = _beside_others(trial, together)
    except Exception:
        # the draws put beside them need not be ones that can be made
        return
    if other:
        yield Finding("batch", f"{told(other, draws)} differs when the draws beside it change", _REMEDY)


def _orders(draws: int) -> Iterator[tuple[str, Rows]]:
    for size in SIZES:
        for start in range(0, min(draws, MOST_RUNS * size), size):
            yield f"in a batch of {size}", np.arange(start, min(start + size, draws))
    yield "in another order", np.random.default_rng(0).permutation(draws)


def _beside_others(trial: Trial, together: Outputs) -> dict[str, Rows]:
    """Rows that change when every second draw is replaced by another one, parameters and streams alike."""
    count = len(trial.streams)
    odd = np.arange(count) % 2 == 1
    partner = np.where(odd, np.roll(np.arange(count), 2), np.arange(count))
    mixed = trial.take(partner)
    draws = np.where(odd, trial.streams.draws + count, trial.streams.draws)
    made = replace(mixed, streams=replace(trial.streams, draws=draws)).run()
    stay = np.flatnonzero(~odd)
    differing = differing_rows(
        {name: values[stay] for name, values in together.items()}, {name: values[stay] for name, values in made.items()}
    )
    return {name: stay[rows] for name, rows in differing.items()}
