"""Tags: movable names of versions, the last writer's word, never of a version that is not there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sgnn.corpus.expire import expire
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.tags import remove_tag, set_tag, tags
from sgnn.errors import CorruptCorpusError, StoreError, UnknownNameError
from sgnn.settings import Settings


@pytest.fixture
def corpus(build: Callable[[Recipe], Corpus], recipe: Recipe) -> Corpus:
    build(recipe)
    return build(recipe.with_draws(200))


def test_a_tag_names_a_version_and_can_be_moved_and_removed(corpus: Corpus, settings: Settings) -> None:
    assert set_tag(corpus.store, 1, "paper") is None
    assert open_corpus("walks@paper", settings).version == 1
    assert open_corpus(f"{corpus.store.url}@paper", settings).version == 1
    assert set_tag(corpus.store, 2, "paper") == 1
    assert open_corpus("walks@paper", settings).version == 2
    assert remove_tag(corpus.store, "paper") == 2
    with pytest.raises(UnknownNameError, match=r"has no tag 'paper'; tags there: none"):
        open_corpus("walks@paper", settings)
    with pytest.raises(UnknownNameError, match="has no tag 'paper'"):
        remove_tag(corpus.store, "paper")


@pytest.mark.parametrize("name", ["2", "Paper", "", "a/b", "-x", "a b"])
def test_what_could_be_a_number_or_a_path_is_no_tag(corpus: Corpus, name: str) -> None:
    with pytest.raises(UnknownNameError, match="cannot be a tag"):
        set_tag(corpus.store, 1, name)
    assert tags(corpus.store) == {}


def test_a_version_that_is_not_there_gets_no_tag(corpus: Corpus) -> None:
    with pytest.raises(StoreError, match="has no version 3; versions there: 1, 2"):
        set_tag(corpus.store, 3, "paper")
    assert tags(corpus.store) == {}


def test_of_many_taggers_at_once_one_has_the_last_word(corpus: Corpus) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: set_tag(corpus.store, 1 + one % 2, "latest"), range(40)))
    assert tags(corpus.store).keys() == {"latest"}
    assert tags(corpus.store)["latest"] in (1, 2)


def test_of_several_corpora_with_a_name_the_one_that_has_the_tag_is_meant(
    corpus: Corpus, build: Callable[[Recipe], Corpus], recipe: Recipe, change: Callable[..., Recipe], settings: Settings
) -> None:
    set_tag(corpus.store, 1, "paper")
    other = build(change(recipe, seed=8))
    assert open_corpus("walks@paper", settings).store == corpus.store != other.store


def test_a_version_that_is_expired_while_it_is_tagged_is_told_and_the_tag_is_gone(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sgnn.corpus import tags as module

    def expired_meanwhile(_: object, version: int) -> None:
        expire(corpus.store, [version], tagged=True)

    monkeypatch.setattr(module, "manifest_if_there", expired_meanwhile)
    with pytest.raises(StoreError, match="is expired in this moment"):
        set_tag(corpus.store, 1, "paper")
    assert tags(corpus.store) == {}


def test_a_damaged_tag_is_told(corpus: Corpus, settings: Settings) -> None:
    set_tag(corpus.store, 1, "paper")
    corpus.store.put("tags/paper.json", b"{")
    with pytest.raises(CorruptCorpusError, match=r"paper.json: not a tag"):
        open_corpus("walks@paper", settings)
