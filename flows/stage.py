"""What every stage has around its work: an MLflow run, a place among those allowed at once, an ear for cancellation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from prefect.concurrency.sync import concurrency

from flows.cancellation import cancellable
from flows.kept import Told, recipe_digest, run_folder
from flows.surroundings import surroundings, within
from sgnn.corpus.recipe import CorpusSection, Recipe

if TYPE_CHECKING:
    from sgnn.tracking.runs import Run


@contextmanager
def stage(name: str, recipe: Recipe | CorpusSection) -> Iterator[Run]:
    """The MLflow run of a stage: a child of the pipeline's run, or of a run of its own where the stage runs alone.

    Where the Prefect server has a concurrency limit `sgnn-<stage>`, that many run at once and others wait.
    """
    with cancellable(), concurrency(f"sgnn-{name}"), whole(name, recipe) as parent, parent.stage(name) as run:
        yield run


@contextmanager
def whole(name: str, recipe: Recipe | CorpusSection) -> Iterator[Run]:
    """The pipeline's MLflow run: the one that is open, or a new one for as long as the block runs.

    A recipe is worked at by one process at a time: two would train in one folder. Another one waits.
    """
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
        _alone(run_folder(recipe, around.settings).path),
        pipeline_run(tracking, f"{name} {recipe.name}", identity, {"sgnn.recipe": recipe.name}) as run,
        within(replace(around, tracking=tracking, run=run)),
    ):
        yield run


def told(outcome: str, seconds: float, run: Run) -> Told:
    """What is told of the stage that runs now: its outcome, what it took, and the ids of its runs."""
    from prefect.runtime import flow_run

    return Told(outcome, seconds, run.run_id, str(flow_run.id or ""))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    from sgnn.lock import hold, take

    file = folder / "lock"
    held = take(file)
    if held is None:
        surroundings().terminal.say("another process is at this recipe; waiting until it has ended")
        with hold(file):
            yield
        return
    with held:
        yield
