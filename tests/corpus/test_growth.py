"""Growth: more draws by the corpus's own recipe, never fewer, never by other simulators."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sgnn.corpus import assembly
from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, plan_build
from sgnn.corpus.growth import grown
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.errors import StoreError
from sgnn.settings import Settings


@pytest.fixture
def corpus(build: Callable[[Recipe], Corpus], recipe: Recipe) -> Corpus:
    return build(recipe)


def test_a_corpus_grows_by_the_recipe_that_it_keeps_and_its_draws_stay(corpus: Corpus, settings: Settings) -> None:
    before = corpus.read(3)
    plan = plan_build(corpus.store, grown(corpus, 230))
    for block in plan.missing:
        make_block(plan.to_json(), block)
    assert commit(plan).version == 2
    larger = open_corpus("walks", settings)
    assert (larger.number, corpus.number) == (230, 100)
    for name, values in before.items():
        np.testing.assert_array_equal(larger.read(3)[name][: len(values)], values)
        np.testing.assert_array_equal(corpus.read(3)[name], values)


def test_the_draws_that_are_there_make_the_same_version_again(corpus: Corpus) -> None:
    assert commit(plan_build(corpus.store, grown(corpus, 100))) == corpus.status


def test_shrinking_is_refused_even_from_an_older_version(
    corpus: Corpus, build: Callable[[Recipe], Corpus], recipe: Recipe
) -> None:
    build(recipe.with_draws(200))
    with pytest.raises(StoreError, match=r"walks-\w+ has 200 draws in version 2 and cannot shrink to 150"):
        grown(corpus, 150)


def test_a_simulator_that_changed_is_named_with_what_changed(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus_walks import Walk

    monkeypatch.setattr(Walk, "version", "2")
    assembly._identity.cache_clear()
    try:
        with pytest.raises(StoreError, match=r'simulators.walks.walk.version was "1" and is "2"; `sgnn corpus build`'):
            grown(corpus, 200)
    finally:
        assembly._identity.cache_clear()
