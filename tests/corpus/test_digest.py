"""Digests: what changes the data changes them, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgnn.corpus.digest import canonical_json, corpus_digest, corpus_key, digest_of
from sgnn.corpus.recipe import OperatorEntry, Recipe, SimulatorEntry
from sgnn.errors import RecipeError, UnknownNameError

VALUES = st.recursive(
    st.one_of(st.integers(), st.booleans(), st.text(min_size=1), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.text(), inner, min_size=1, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.dictionaries(st.text(min_size=1), VALUES, max_size=4), st.sampled_from([None, "", [], {}, {"a": []}]))
def test_an_empty_field_changes_no_digest(document: dict[str, object], empty: object) -> None:
    assert digest_of({**document, "added later": empty}) == digest_of(document)


@settings(max_examples=40)
@given(st.dictionaries(st.text(min_size=1), VALUES, min_size=2, max_size=5))
def test_the_order_of_fields_changes_no_digest(document: dict[str, object]) -> None:
    assert canonical_json(dict(reversed(document.items()))) == canonical_json(document)


def test_zero_and_false_are_values_and_not_empty() -> None:
    assert len({digest_of({"x": value}) for value in (None, 0, False, "0")}) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 8},
        {"settings": {"weeks": 13}},
        {"keep": ("step",)},
        {"observation": ()},
        {"simulators": (SimulatorEntry(name="walks.walk"),)},
        {"simulators": (SimulatorEntry(name="walks.walk", weight=3), SimulatorEntry(name="walks.jump"))},
        {"observation": (OperatorEntry(operator="walks.count", settings={"variable": "step"}),)},
    ],
)
def test_what_changes_the_data_changes_the_key(
    recipe: Recipe, change: Callable[..., Recipe], changes: dict[str, object]
) -> None:
    assert corpus_key(change(recipe, **changes).corpus) != corpus_key(recipe.corpus)


def test_a_mechanism_that_is_observed_in_its_own_way_changes_the_key(
    recipe: Recipe, change: Callable[..., Recipe]
) -> None:
    seen = ({}, {"count_level.error": 0.5}, {"count_level.error": 0.6})
    entries = (SimulatorEntry(name="walks.walk", observation=one) for one in seen)
    assert len({corpus_key(change(recipe, simulators=(entry,)).corpus) for entry in entries}) == 3


@pytest.mark.parametrize("changes", [{"block_draws": 64}, {"chunk_draws": 8}, {"name": "other"}, {"draws": 5}])
def test_layout_name_and_number_of_draws_do_not_change_the_key(
    recipe: Recipe, change: Callable[..., Recipe], changes: dict[str, object]
) -> None:
    assert corpus_key(change(recipe, **changes).corpus) == corpus_key(recipe.corpus)


def test_weights_count_by_their_ratio(recipe: Recipe, change: Callable[..., Recipe]) -> None:
    doubled = tuple(one.model_copy(update={"weight": 2 * one.weight}) for one in recipe.corpus.simulators)
    assert corpus_key(change(recipe, simulators=doubled).corpus) == corpus_key(recipe.corpus)


def test_a_new_version_of_a_simulator_changes_the_key(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus_walks import Walk

    from sgnn.corpus import assembly

    before = corpus_key(recipe.corpus)
    monkeypatch.setattr(Walk, "version", "2")
    assembly._identity.cache_clear()
    assert corpus_key(recipe.corpus) != before
    assembly._identity.cache_clear()


def test_the_digest_covers_the_number_of_draws(recipe: Recipe) -> None:
    assert corpus_digest(recipe.corpus) != corpus_digest(recipe.with_draws(101).corpus)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"simulators": (SimulatorEntry(name="walks.wlak"),)}, "no simulator named 'walks.wlak'; one of: .*walks.walk"),
        ({"observation": (OperatorEntry(operator="walks.cuont"),)}, "no observation named.*walks.count"),
    ],
)
def test_an_unknown_name_is_answered_with_near_names(
    recipe: Recipe, change: Callable[..., Recipe], changes: dict[str, object], message: str
) -> None:
    with pytest.raises(UnknownNameError, match=message):
        corpus_key(change(recipe, **changes).corpus)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (SimulatorEntry(name="walks.walk", settings={"moons": 3}), "'walks.walk' does not take the settings .*moons"),
        (SimulatorEntry(name="walks.walk", prior={"sclae": {"low": 1}}), "simulator 'walks.walk': .*'sclae'.*scale"),
        (SimulatorEntry(name="walks.steady"), "'walks.steady' does not take the settings weeks=12"),
    ],
)
def test_settings_and_priors_that_do_not_fit_name_their_simulator(
    recipe: Recipe, change: Callable[..., Recipe], entry: SimulatorEntry, message: str
) -> None:
    with pytest.raises(RecipeError, match=message):
        corpus_key(change(recipe, simulators=(entry,)).corpus)
