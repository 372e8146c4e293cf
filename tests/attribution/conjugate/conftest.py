"""The conjugate problems, each with a corpus and a network that learnt from it through the public contracts."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sgnn.corpus.assembly import mixture_of
from sgnn.corpus.build import commit, make_block, prepare
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.learning.estimate.predict import task_of
from sgnn.learning.job import TrainingJob
from sgnn.learning.model import Model, load_model
from sgnn.learning.training import train
from sgnn.settings import Settings, load_settings

Array = NDArray[np.float64]
DRAWS = 40_960
PROBLEMS = {
    "conjugate.normal": {"name": "mean"},
    "conjugate.binomial": {"name": "chance", "scale": "logit"},
    "conjugate.state": {"name": "last"},
}


@pytest.fixture(scope="session", autouse=True)
def _installed() -> Iterator[None]:
    """The package of the problems, found by its entry points."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        importlib.invalidate_caches()
        yield


@dataclass(frozen=True)
class Problem:
    """A problem with its corpus and the network that it taught."""

    parameter: str
    corpus: Corpus
    model: Model
    settings: Settings

    def exact(self, shown: dict[str, NDArray[np.float64]], levels: Array) -> Array:
        """Quantiles (draw, level) of the posterior."""
        simulator = mixture_of(self.corpus.recipe).components[0].simulator
        found: Array = simulator.exact_quantiles(shown, levels)[self.parameter]  # type: ignore[attr-defined]
        return found

    @property
    def column(self) -> int:
        """Which of the corpus's quantities is asked for."""
        from sgnn.attribution.drawn import quantity_names

        return quantity_names(self.corpus.schema).index(self.parameter)


def recipe(simulator: str, steps: int, draws: int = DRAWS) -> Recipe:
    """A small estimator of one problem."""
    document = {
        "name": simulator.replace(".", "-"),
        "description": "A problem whose posterior is known.",
        "corpus": {
            "name": simulator.replace(".", "-"),
            "draws": draws,
            "seed": 3,
            "block_draws": 4096,
            "simulators": [{"name": simulator}],
        },
        "model": {
            "task": "estimate",
            "settings": {
                "series": ["observed"],
                "targets": [PROBLEMS[simulator]],
                "cut": 0.0,
                "width": 128,
                "depth": 2,
                "embedding": 16,
            },
        },
        "training": {
            "steps": steps,
            "batch_draws": 256,
            "learning_rate": 0.003,
            "validation_every": 250,
            "ema": 0.99,
            "threads": 1,
            "precision": "float32",
        },
    }
    return Recipe.model_validate(document)


@pytest.fixture(scope="session")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Problem]:
    """A problem by the name of its simulator, trained for so many steps; each made once."""

    @cache
    def made(simulator: str, steps: int) -> Problem:
        settings = load_settings(home=tmp_path_factory.mktemp(simulator.replace(".", "-")))
        wanted = recipe(simulator, steps)
        plan = prepare(wanted, settings)
        for block in plan.missing:
            make_block(plan.to_json(), block)
        commit(plan)
        corpus = open_corpus(wanted.corpus.name, settings)
        job = TrainingJob(wanted.model_dump(mode="json"), str(corpus.store.root), str(settings.home / "training"))
        model = load_model(train(job).model)
        return Problem(task_of(model).options.targets[0].name, corpus, model, settings)

    return made
