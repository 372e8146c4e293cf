"""What a training depends on: corpora that are mixed in count too, and are named so that any process finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.results import training_key, with_places
from sgnn.corpus.build import commit, make_block, prepare
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.corpus.sections import MixedCorpus
from sgnn.errors import UnknownNameError
from sgnn.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "a home")


def built(settings: Settings, name: str, seed: int) -> Corpus:
    recipe = load_recipe("slow-walks")
    changes = {"name": name, "seed": seed, "draws": 32}
    plan = prepare(recipe.model_copy(update={"corpus": recipe.corpus.model_copy(update=changes)}), settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)
    return open_corpus(name, settings)


def mixing(*refs: str) -> Recipe:
    recipe = load_recipe("slow-walks")
    corpora = tuple(MixedCorpus(corpus=ref, weight=0.5) for ref in refs)
    return recipe.model_copy(update={"training": recipe.training.model_copy(update={"corpora": corpora})})


def test_a_training_is_another_one_with_another_corpus_mixed_in(settings: Settings) -> None:
    own, other = built(settings, "own", 1), built(settings, "other", 2)
    alone, mixed = training_key(mixing(), own, settings), training_key(mixing("other@1"), own, settings)
    assert alone != mixed
    assert training_key(mixing("own@1"), own, settings) not in (alone, mixed)
    placed = with_places(mixing("other@1"), settings)
    assert [one.weight for one in placed.training.corpora] == [0.5]
    elsewhere = load_settings(home=settings.home.parent / "elsewhere")
    assert open_corpus(placed.training.corpora[0].corpus, elsewhere).content_digest == other.content_digest


def test_a_corpus_that_is_not_there_is_named_before_training_starts(settings: Settings) -> None:
    own = built(settings, "own", 1)
    with pytest.raises(UnknownNameError, match="no corpus 'othr'"):
        training_key(mixing("othr@1"), own, settings)
