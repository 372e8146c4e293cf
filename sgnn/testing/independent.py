"""The rule of the streams: what chance does to one draw says nothing about what it does to another.

All draws get the same parameters, so that whatever differs between them is chance.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation.simulator import Outputs
from sgnn.testing.made import makeable
from sgnn.testing.report import Finding
from sgnn.testing.trial import Trial

OTHER_CORPUS = "another corpus"
SHIFTS = (-2, -1, 0, 1, 2)
LIMIT = 4.5
"""Standard errors beyond which neighbouring draws are called correlated: once in 150,000 looks by chance alone."""
MOST_STEPS = 512
FEWEST_DRAWS = 32
_REMEDY = (
    "seed no generator by arithmetic such as seed + i: streams.generator(position, purpose) gives each draw its own"
)


def streams(trial: Trial, notes: list[str]) -> Iterator[Finding]:
    """Look for chance that draws share; ``trial`` gives all of them the same parameters."""
    elsewhere = trial.under(OTHER_CORPUS)
    # chance may make what cannot be made, of parameters that could be
    both = np.intersect1d(makeable(trial)[0], makeable(elsewhere)[0])
    if len(both) < 2:
        return
    here, there = trial.take(both).run(), elsewhere.take(both).run()
    mine, others = _rows(here), _rows(there)
    if len({*mine, *others}) == 1:
        notes.append("the same parameters always give the same outputs: nothing in it is random")
    elif mine == others:
        seen = "draws of another corpus get the same random numbers: it uses the draw's index, not its streams"
        yield Finding("streams", seen, _REMEDY)
    else:
        yield from _twins(mine, others, notes)
        yield from _correlations(here)


def _rows(made: Outputs) -> list[bytes]:
    return [b"".join(one.tobytes() for one in row) for row in zip(*made.values(), strict=True)]


def _twins(mine: list[bytes], others: list[bytes], notes: list[str]) -> Iterator[Finding]:
    """Equal draws within a corpus: a finding where they are more than between two corpora, else a note."""
    counts, elsewhere = Counter(mine), Counter(others)
    within = sum(count * (count - 1) // 2 for count in counts.values())
    between = sum(count * elsewhere[row] for row, count in counts.items())
    pairs = len(mine) * (len(mine) - 1) / 2
    if within >= 3 and within / pairs > 10 * (between + 1) / len(mine) ** 2:
        yield Finding("streams", f"{within} pairs of draws got the same random numbers", _REMEDY)
    elif within:
        notes.append(
            f"{within} pairs of draws with the same parameters are equal: what chance decides has few outcomes"
        )


def _correlations(made: Mapping[str, NDArray[Any]]) -> Iterator[Finding]:
    """Correlation of a draw with the next, at the same step or a few steps off. One finding at most."""
    for name, values in made.items():
        count = len(values)
        if count < FEWEST_DRAWS or values.dtype.kind not in "iuf":
            continue
        # one value a step: the first of every further dimension
        steps = values.reshape(count, values.shape[1] if values.ndim > 1 else 1, -1)[:, :MOST_STEPS, 0]
        scores = normal_ranks(np.nan_to_num(steps.astype(np.float64)))
        for shift in SHIFTS if scores.shape[1] > 2 * max(SHIFTS) else (0,):
            found = neighbours(scores, shift)
            if abs(found) > LIMIT / math.sqrt(count - 1):
                where = "" if shift == 0 else f", {abs(shift)} steps {'later' if shift > 0 else 'earlier'}"
                yield Finding("streams", f"'{name}' of a draw and of the next{where} correlate by {found:.2f}", _REMEDY)
                return


def normal_ranks(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standardised ranks (draw, step) among draws, ties broken at random; steps at which all are equal are left out."""
    steps = steps[:, (steps != steps[:1]).any(axis=0)]
    chance = np.random.default_rng(0).random(steps.shape)
    order = np.lexsort((chance, steps), axis=0)
    ranks = np.empty(steps.shape)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(len(steps))[:, None], steps.shape), axis=0)
    centred = ranks - ranks.mean(axis=0)
    return np.asarray(centred / centred.std(axis=0))


def neighbours(scores: NDArray[np.float64], shift: int) -> float:
    """Mean correlation of each draw at every step with the next draw ``shift`` steps later."""
    steps = scores.shape[1]
    if steps <= abs(shift):
        return 0.0
    ahead = scores[1:, max(shift, 0) : steps + min(shift, 0)]
    behind = scores[:-1, max(-shift, 0) : steps + min(-shift, 0)]
    return float((ahead * behind).mean())
