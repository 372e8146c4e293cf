"""Draws a second into a training loop, beside the same batches picked from arrays that are decoded and in memory."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from sgnn.cli.bench.figure import Figure, best_seconds

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace

BATCH = 64
SEED = 0


def measure(place: Workplace) -> Figure:
    """One epoch of shuffled batches of what the recipe's task reads, nothing decoded beforehand."""
    from sgnn.learning.stream import CorpusStream
    from sgnn.learning.task import make_task

    recipe, corpus = place.recipe, place.corpus
    variables = make_task(recipe.model.task, recipe.model.settings).inputs(corpus.schema)

    def fresh() -> CorpusStream:
        return CorpusStream([(corpus, 1.0)], variables, BATCH, SEED)

    def epoch() -> None:
        stream = fresh()
        for _ in islice(stream, stream.batches_per_epoch):
            pass

    whole = fresh().all()
    draws = len(whole["draw"]) // BATCH * BATCH
    order = np.random.default_rng(SEED).permutation(draws).reshape(-1, BATCH)
    streamed = best_seconds(epoch, repeats=3)
    picked = best_seconds(lambda: [{name: values[rows] for name, values in whole.items()} for rows in order], repeats=3)
    return Figure(
        name="stream",
        what=f"one epoch of {draws:,} draws, batches of {BATCH}",
        value=draws / streamed,
        unit="draws/s",
        reference="batches from arrays in memory",
        reference_value=draws / picked,
    )
