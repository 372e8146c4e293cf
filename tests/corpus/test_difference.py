"""Differences of versions and corpora: what the recipe says, and whether the draws bear it out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sgnn.corpus.difference import difference, shift
from sgnn.corpus.moments import Moments
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe, SimulatorEntry

Build = Callable[[Recipe], Corpus]


def test_a_version_and_a_longer_one_differ_in_draws_alone(build: Build, recipe: Recipe) -> None:
    short, long = build(recipe), build(recipe.with_draws(1000))
    found = difference(short, long)
    assert [(change.field, change.before, change.after) for change in found.recipe] == [("draws", 100, 1000)]
    assert found.counts["asked"] == (100, 1000)
    assert not found.same_content
    assert {one.parameter for one in found.shifts} == {"scale", "jump", "count_level.error"}
    for one in found.shifts:
        assert one.mean_z is not None
        assert abs(one.mean_z) < 4
    assert difference(short, short).same_content
    assert difference(short, short).recipe == ()


def test_a_changed_prior_is_named_and_seen_in_the_draws(
    build: Build, recipe: Recipe, change: Callable[..., Recipe]
) -> None:
    walk, jump = recipe.corpus.simulators
    narrow = SimulatorEntry(name=walk.name, prior={"scale": {"low": 0.1, "high": 0.2}})
    one = build(recipe.with_draws(300))
    other = build(change(recipe, draws=300, simulators=(narrow, jump), seed=8))
    found = difference(one, other)
    fields = {change.field for change in found.recipe}
    assert "seed" in fields
    assert any(field.startswith("simulators.walks.walk.prior") for field in fields)
    shifts = {one.parameter: one for one in found.shifts}
    assert abs(shifts["scale"].mean_z or 0) > 5
    assert abs(shifts["jump"].mean_z or 0) < 4


def test_samples_of_one_prior_seldom_differ_by_three_standard_errors_nested_or_not() -> None:
    generator = np.random.default_rng(2)
    far = 0
    for nested in (True, False):
        for _ in range(200):
            values = generator.lognormal(size=900)
            part = values[:300] if nested else generator.lognormal(size=300)
            one, other = Moments().with_values(part), Moments().with_values(values)
            found = shift("x", "1", one, other, nested=nested)
            assert found.mean_z is not None
            far += abs(found.mean_z) > 3
    assert far < 20
    constant = Moments().with_values(np.ones(5))
    assert shift("x", "1", constant, constant, nested=False).mean_z == 0
    assert shift("x", "1", None, constant, nested=False).mean == (None, pytest.approx(1.0))
