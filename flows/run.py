"""Flows as the command line starts them: a Prefect server, a terminal and settings are put around them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flows.prefect_client import connected
from flows.results import finished, outcome
from flows.surroundings import read_recipe
from flows.terminal import Terminal, duration

if TYPE_CHECKING:
    from rich.console import Console

    from flows.corpus import Built
    from sgnn.learning.job import Resume
    from sgnn.settings import Settings


def run_pipeline(recipe: str, *, settings: Settings, console: Console, tiny: bool = False) -> dict[str, Any]:
    """All stages of a recipe; gives `{"corpus", "simulated", "model", "version", "alias", "report"}`.

    A recipe that was run before, with the same data and code, is recognised: nothing is started, nothing simulated.
    """
    began, terminal, wanted = time.monotonic(), Terminal(console), read_recipe(recipe, tiny)
    done = finished(wanted, settings)
    if done is not None:
        corpus, released = done
        terminal.say(f"{wanted.name}: nothing simulated; every stage was done before, with the same data and code")
        result = outcome(corpus.digest, 0, released)
    else:
        with connected(settings, terminal, wanted.corpus):
            from flows.pipeline import pipeline

            result = pipeline(recipe, tiny)
    terminal.say(f"took {duration(time.monotonic() - began)}; the report is {result['report']}")
    return result


def build_corpus(
    recipe: str, *, settings: Settings, console: Console, tiny: bool = False, draws: int | None = None
) -> Built:
    """Simulate what the recipe's corpus lacks and commit it; `draws` asks for another number than the recipe's."""
    with connected(settings, Terminal(console), read_recipe(recipe, tiny, draws).corpus):
        from flows.corpus import corpus

        return corpus(recipe, tiny, draws)


def grow_corpus(corpus: str, draws: int, *, settings: Settings, console: Console) -> Built:
    """Add draws to a corpus until it has so many, by the recipe that it keeps, as a new version.

    Raises `StoreError` before anything is started where it cannot grow so.
    """
    from sgnn.corpus.growth import grown
    from sgnn.corpus.reader import open_corpus

    section = grown(open_corpus(corpus, settings), draws)
    with connected(settings, Terminal(console), section):
        from flows.corpus import grow

        return grow(corpus, draws)


def train(
    recipe: str, *, settings: Settings, console: Console, tiny: bool = False, resume: Resume = "auto"
) -> dict[str, Any]:
    """Train the recipe's model on its corpus, which is built first where it is missing; gives folder and figures."""
    with connected(settings, Terminal(console), read_recipe(recipe, tiny).corpus):
        from flows.corpus import corpus
        from flows.pretrain import SHOWN, pretrain

        corpus(recipe, tiny)
        trained = pretrain(recipe, tiny, resume)
    figures = {name: trained.figures[name] for name in SHOWN if name in trained.figures}
    return {"model": trained.folder, "corpus": trained.corpus_digest, **figures}


def benchmark(model: str, protocol: str, *, settings: Settings, console: Console) -> dict[str, Any]:
    """Benchmark of a model (registry name, or folder) by one protocol, as its JSON object.

    Raises `MissingData` where the protocol's data are not there.
    """
    with connected(settings, Terminal(console)):
        from flows.benchmark import benchmark_model

        return benchmark_model(model, protocol)
