"""When workers are started ahead of the flow: where a corpus lacks draws, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flows import workers
from flows.workers import workers_ahead
from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.recipe import CorpusSection, Recipe, load_recipe
from sgnn.settings import Settings

STARTED = object()
"""In place of a cluster: whether one is started is all that is asked here."""


@pytest.fixture
def recipe() -> Recipe:
    return load_recipe("slow-walks").tiny()


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def started(_: Settings) -> Iterator[object]:
        yield STARTED

    monkeypatch.setattr(workers, "cluster_ahead", started)


def ahead(section: CorpusSection | None, settings: Settings) -> object | None:
    with workers_ahead(section, settings) as found:
        return found


def test_workers_come_ahead_for_a_corpus_that_lacks_draws_and_for_no_other(
    recipe: Recipe, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOW_WALKS_SECONDS", "0")
    assert ahead(recipe.corpus, configured) is STARTED
    assert not configured.corpora_folder.exists()

    plan = prepare(recipe, configured)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    assert ahead(recipe.corpus, configured) is STARTED
    commit(plan)
    assert ahead(recipe.corpus, configured) is None
    longer = recipe.with_draws(recipe.corpus.draws + 1)
    assert ahead(longer.corpus, configured) is STARTED


def test_no_workers_come_where_nothing_is_built_or_the_recipe_cannot_be(recipe: Recipe, configured: Settings) -> None:
    assert ahead(None, configured) is None
    wrong = recipe.corpus.model_copy(update={"settings": {"no_such_setting": 1}})
    assert ahead(wrong, configured) is None
