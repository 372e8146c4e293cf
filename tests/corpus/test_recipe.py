"""Recipes: what they take, what they say about mistakes, and their tiny version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from sgnn.corpus.digest import canonical_json
from sgnn.corpus.recipe import Recipe, load_recipe, parse_recipe, recipe_names
from sgnn.corpus.sections import MixedCorpus
from sgnn.errors import RecipeError, UnknownNameError

TEXT = """
name: walks
corpus:
  name: walks
  draws: 5000
  simulators:
    - {name: walks.walk, weight: 2, prior: {scale: {low: 1e-3}}}
model: {task: forecast}
training: {seconds: 100}
gates:
  - {name: good, protocol: any, metric: mae, comparison: "<=", value: 1}
"""


def test_a_recipe_is_found_by_name_and_by_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT)
    assert load_recipe(path).corpus.draws == 5000
    assert load_recipe("walks").description == "Random walks, some of which jump."
    assert "walks" in recipe_names()


def test_numbers_in_scientific_notation_are_numbers() -> None:
    assert parse_recipe(TEXT, "x").corpus.simulators[0].prior == {"scale": {"low": 0.001}}


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("draws: 5000", "draws: -5", "x.yaml:5: corpus.draws is -5: input should be greater than 0"),
        ("draws: 5000", "draws: many", "x.yaml:5: corpus.draws is 'many': input should be a valid integer"),
        ("draws: 5000", "drawz: 5", "x.yaml:5: corpus.drawz: unknown field .*did you mean draws"),
        ("weight: 2", "wieght: 2", "x.yaml:7: corpus.simulators.0.wieght: unknown field.*did you mean weight"),
        ("draws: 5000", "draws: 5\n  draws: 6", "x.yaml:6: not YAML: key 'draws' given twice"),
        ("draws: 5000", "draws: 5\n  block_draws: 100", "no multiple of chunk_draws 64"),
        ("name: walks", "name: A walk", "x.yaml:2: name is 'A walk'"),
        ("seconds: 100", "", "x.yaml:9: training: one of seconds and steps"),
        (", value: 1", "", "x.yaml:11: gates.0: comparison <= needs value"),
        ("model: {task: forecast}", "", "model: missing"),
        ("corpus:", "corpus: [", "x.yaml:5: not YAML"),
        ("name: walks", "name: !!python/object:os.system {}", "not YAML"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_place(right: str, wrong: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message) as caught:
        parse_recipe(TEXT.replace(right, wrong, 1), "x.yaml")
    assert "\n" not in str(caught.value)


def test_an_unknown_recipe_is_answered_with_near_names() -> None:
    with pytest.raises(UnknownNameError, match=r"no recipe named 'wlks'.*walks"):
        load_recipe("wlks")


def test_a_recipe_file_that_is_not_there_is_named() -> None:
    with pytest.raises(RecipeError, match=r"/nowhere/x\.yaml: No such file"):
        load_recipe("/nowhere/x.yaml")


def test_a_recipe_cannot_be_changed(recipe: Recipe) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        recipe.corpus.draws = 3  # type: ignore[misc]


def test_the_tiny_version_keeps_the_science_and_shrinks_the_work() -> None:
    recipe = parse_recipe(TEXT, "x")
    tiny = recipe.tiny()
    assert 64 <= tiny.corpus.draws <= 200
    assert tiny.corpus.block_draws == 32
    assert tiny.training.seconds is None
    assert tiny.training.steps is not None
    assert tiny.training.steps <= 50
    assert tiny.corpus.name == "walks-tiny"
    assert (tiny.corpus.simulators, tiny.gates, tiny.model) == (recipe.corpus.simulators, recipe.gates, recipe.model)
    assert Recipe.model_validate(tiny.model_dump()) == tiny


def test_training_that_weighs_nothing_is_digested_as_before_it_could() -> None:
    plain = json.loads(canonical_json(load_recipe("covid").training.model_dump(mode="json")))
    assert not plain.keys() & {"mechanisms", "corpora", "fresh_observations", "loader_workers"}


def test_a_corpus_is_mixed_in_by_its_version() -> None:
    with pytest.raises(ValidationError, match="corpus"):
        MixedCorpus(corpus="flu")
    assert MixedCorpus(corpus="s3://a bucket/flu-1234@3").weight == 1.0
