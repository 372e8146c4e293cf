"""Forecast windows a second of a training run, beside the bare network fed one batch again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sgnn.cli.bench.figure import Figure, best_seconds

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace

SECONDS = 20.0
STEPS = 20


def measure(place: Workplace) -> Figure:
    """The process that trains: reading, shuffling, making windows, averaging weights, looking at held-out draws."""
    from sgnn.learning.process import start_training

    recipe, corpus = place.recipe, place.corpus
    section = recipe.training.model_copy(update={"seconds": SECONDS, "steps": None, "patience": None})
    short = recipe.model_copy(update={"training": section})
    where = f"{corpus.store.url}@{corpus.version}"
    result = start_training(short, where, place.settings.models_folder / "bench", "never")
    step, windows = _bare_step(place)

    def steps() -> None:
        for _ in range(STEPS):
            step()

    return Figure(
        name="train",
        what=f"{SECONDS:.0f} s, {result.data_wait:.1%} of it waiting for data",
        value=result.windows_per_second,
        unit="windows/s",
        reference="one batch again and again, no trainer",
        reference_value=windows * STEPS / best_seconds(steps, repeats=3),
    )


def _bare_step(place: Workplace) -> tuple[Callable[[], None], int]:
    """One step of the optimiser on a fixed batch, as precise and on as many threads as in training; its windows."""
    import torch

    from sgnn.learning.stream import CorpusStream
    from sgnn.learning.task import make_task
    from sgnn.learning.training import in_bfloat16

    recipe, corpus = place.recipe, place.corpus
    task = make_task(recipe.model.task, recipe.model.settings)
    variables, section = task.inputs(corpus.schema), recipe.training
    draws = next(iter(CorpusStream([(corpus, 1.0)], variables, section.batch_draws, section.seed)))
    batch = task.batch(draws, np.random.default_rng(section.seed))
    network, halves = task.network(corpus.schema), in_bfloat16(section)
    if section.threads:
        torch.set_num_threads(section.threads)
    optimizer = torch.optim.AdamW(network.parameters(), fused=True)

    def step() -> None:
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=halves):
            loss = task.loss(network, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step, task.windows(batch)
