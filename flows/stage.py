"""What every stage has around its work: an MLflow run, a place among those allowed at once, an ear for cancellation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from prefect.concurrency.sync import concurrency

from flows.cancellation import cancellable
from flows.kept import recipe_digest
from flows.surroundings import surroundings, within
from sgnn.corpus.recipe import Recipe

if TYPE_CHECKING:
    from sgnn.tracking.runs import Run


@contextmanager
def stage(name: str, recipe: Recipe) -> Iterator[Run]:
    """The MLflow run of a stage: a child of the pipeline's run, or of a run of its own where the stage runs alone.

    Where the Prefect server has a concurrency limit `sgnn-<stage>`, that many run at once and others wait.
    """
    with cancellable(), concurrency(f"sgnn-{name}"), whole(name, recipe) as parent, parent.stage(name) as run:
        yield run


@contextmanager
def whole(name: str, recipe: Recipe) -> Iterator[Run]:
    """The pipeline's MLflow run: the one that is open, or a new one for as long as the block runs."""
    around = surroundings()
    if around.run is not None:
        yield around.run
        return
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.runs import pipeline_run

    tracking = around.tracking or open_tracking(around.settings)
    identity = f"{name}:{recipe_digest(recipe)}"
    with (
        cancellable(),
        pipeline_run(tracking, f"{name} {recipe.name}", identity, {"sgnn.recipe": recipe.name}) as run,
        within(replace(around, tracking=tracking, run=run)),
    ):
        yield run
