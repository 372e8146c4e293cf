"""What a flow finds around it: the settings, the terminal, and the MLflow run that it belongs to.

A flow's parameters are plain values, so that it can be deployed and scheduled; what surrounds it comes from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.terminal import Terminal
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.companion import Companion
    from sgnn.corpus.cluster import Ahead
    from sgnn.tracking.connection import Tracking
    from sgnn.tracking.runs import Run


@dataclass(frozen=True)
class Surroundings:
    """Settings and terminal; the connection to MLflow and the run of the pipeline once they are open."""

    settings: Settings
    terminal: Terminal
    tracking: Tracking | None = None
    run: Run | None = None
    baselines: Companion | None = None
    """The process that fits baselines ahead of time, where one does."""
    cluster: Ahead | None = None
    """Workers started ahead of time, where there are some."""


_around: ContextVar[Surroundings] = ContextVar("surroundings")


def surroundings() -> Surroundings:
    """Those of the program; a flow that a Prefect worker runs finds its own in the environment."""
    found = _around.get(None)
    return found if found is not None else Surroundings(load_settings(), Terminal())


@contextmanager
def within(around: Surroundings) -> Iterator[Surroundings]:
    """Flows inside the block find these surroundings."""
    token = _around.set(around)
    try:
        yield around
    finally:
        _around.reset(token)


def read_recipe(recipe: str, tiny: bool = False, draws: int | None = None) -> Recipe:
    """A recipe by name or path; `tiny` makes it small, `draws` asks for another number of draws."""
    read = load_recipe(recipe)
    if tiny:
        read = read.tiny()
    return read if draws is None else read.with_draws(draws)
