"""A toy package with simulators of its own, found by entry points as a user's would be, in worker processes too."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sgnn.corpus.build import BuildPlan, commit, make_block, prepare
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.settings import Settings, load_settings

PACKAGE = Path(__file__).parent / "walks"


@pytest.fixture(scope="session", autouse=True)
def _walks_installed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PACKAGE))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(PACKAGE), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep))
        importlib.invalidate_caches()
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home folder with nothing in it."""
    return load_settings(home=tmp_path / "home", workers=2)


@pytest.fixture
def recipe() -> Recipe:
    """100 walks in blocks of 32: the last block goes beyond what is asked for."""
    return load_recipe("walks")


def make(plan: BuildPlan) -> BuildPlan:
    """Make what the plan misses, in this process."""
    for block in plan.missing:
        make_block(plan.to_json(), block)
    return plan


@pytest.fixture
def build(settings: Settings) -> Callable[[Recipe], Corpus]:
    """Builds a recipe in this process and opens the version."""

    def built(recipe: Recipe) -> Corpus:
        status = commit(make(prepare(recipe, settings)))
        return open_corpus(f"{recipe.corpus.name}@{status.version}", settings)

    return built


def with_corpus(recipe: Recipe, **changes: Any) -> Recipe:
    """The recipe with changed fields of its corpus."""
    return recipe.model_copy(update={"corpus": recipe.corpus.model_copy(update=changes)})


@pytest.fixture
def change() -> Callable[..., Recipe]:
    """Changes fields of a recipe's corpus."""
    return with_corpus


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> int:
    """New corpora have segments of two blocks: four blocks are two of them, as a million draws are one of 1,024."""
    monkeypatch.setattr("sgnn.corpus.layout.SEGMENT_BLOCKS", 2)
    return 2
