"""Corpora of deliberately wrong simulators, installed as somebody's own package would be."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe, parse_recipe

PACKAGE = Path(__file__).parent / "wrongs"

RECIPE = """
name: wrongs
corpus:
  name: wrongs
  draws: 400
  seed: 3
  block_draws: 64
  chunk_draws: 64
  simulators: [{name: wrongs.sound}]
  observation: [{operator: wrongs.reading, settings: {variable: level}}]
model: {task: forecast}
training: {steps: 1}
"""


@pytest.fixture(scope="session", autouse=True)
def _wrongs_installed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PACKAGE))
        importlib.invalidate_caches()
        yield


@pytest.fixture
def wrongs(build: Callable[[Recipe], Corpus], change: Callable[..., Recipe]) -> Callable[..., Corpus]:
    """Builds 400 draws of one of the simulators, or of other fields of the recipe's corpus."""

    def built(simulator: str = "wrongs.sound", **changes: Any) -> Corpus:
        from sgnn.corpus.recipe import SimulatorEntry

        changes.setdefault("simulators", (SimulatorEntry(name=simulator),))
        return build(change(parse_recipe(RECIPE, "wrongs"), **changes))

    return built
