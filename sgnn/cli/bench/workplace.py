"""Where benchmarks run: a home folder that is gone afterwards, and a corpus in it that several of them read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sgnn.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.corpus import Built
    from sgnn.corpus.reader import Corpus
    from sgnn.corpus.recipe import Recipe

RECIPE = "covid"


@dataclass(frozen=True)
class Workplace:
    """Settings with a home of their own, how many draws the shared corpus has, and the largest of those that grow."""

    settings: Settings
    draws: int
    largest: int
    seconds: float = 60.0
    """How long a server is under load."""
    runs: int = 100
    """How many scheduled runs in a row."""

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe that is measured."""
        from sgnn.corpus.recipe import load_recipe

        return load_recipe(RECIPE)

    @cached_property
    def built(self) -> Built:
        """The corpus, built once by the flow that everybody uses."""
        from flows.run import build_corpus
        from sgnn.cli.output import error_console

        return build_corpus(RECIPE, settings=self.settings, console=error_console(), draws=self.draws)

    @cached_property
    def corpus(self) -> Corpus:
        """The same corpus, opened."""
        from sgnn.corpus.reader import open_corpus

        return open_corpus(self.built.status.name, self.settings)

    @property
    def variables(self) -> tuple[str, ...]:
        """What the recipe's task reads of a draw."""
        from sgnn.learning.task import make_task

        return make_task(self.recipe.model.task, self.recipe.model.settings).inputs(self.corpus.schema)

    @cached_property
    def loaders(self) -> dict[str, float]:
        """Draws a second of other loaders of the same variables, measured once."""
        from sgnn.cli.bench.loaders import loader_rates
        from sgnn.cli.bench.streaming import BATCH, SEED

        return loader_rates(str(self.corpus.path), self.variables, self.corpus.number, BATCH, SEED)


@contextmanager
def workplace(draws: int, largest: int, seconds: float, runs: int) -> Iterator[Workplace]:
    """A workplace on the disk of the configured home; services are those that runs start by themselves."""
    home = load_settings().home
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=home) as folder:
        place = Path(folder)
        own = {
            "home": place,
            "store": None,
            "prefect_api_url": None,
            "mlflow_tracking_uri": f"sqlite:///{place}/mlflow.db",
        }
        yield Workplace(load_settings(**own), draws, largest, seconds, runs)
