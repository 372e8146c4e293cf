"""A small corpus of real epidemics, built once in this process."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sgnn.corpus.build import commit, make_block, prepare
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.settings import Settings, load_settings


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home that the processes a test starts see too."""
    home = tmp_path_factory.mktemp("learning")
    os.environ["SGNN_HOME"] = str(home)
    return load_settings(home=home)


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    """The tiny version of `covid`."""
    return load_recipe("covid").tiny()


def built(recipe: Recipe, settings: Settings) -> Corpus:
    """The recipe's corpus, made in this process."""
    plan = prepare(recipe, settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)
    return open_corpus(recipe.corpus.name, settings)


@pytest.fixture(scope="session")
def corpus(recipe: Recipe, settings: Settings) -> Corpus:
    """160 draws in blocks of 32."""
    return built(recipe, settings)


@pytest.fixture(scope="session")
def other_corpus(recipe: Recipe, settings: Settings) -> Corpus:
    """64 other draws in blocks of 32."""
    changes = {"name": "other", "seed": recipe.corpus.seed + 1, "draws": 64}
    return built(recipe.model_copy(update={"corpus": recipe.corpus.model_copy(update=changes)}), settings)


@pytest.fixture(scope="session")
def _recorded_installed() -> Iterator[None]:
    """The task `recorded`, found by its entry point in the processes that a test starts too."""
    package = str(Path(__file__).parent / "recorded")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(package)
        patch.setenv("PYTHONPATH", os.pathsep.join([package, os.environ.get("PYTHONPATH", "")]).strip(os.pathsep))
        importlib.invalidate_caches()
        yield
