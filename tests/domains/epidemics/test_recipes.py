"""The shipped recipes: every draw can be used, and is the same in any batch, in any order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sgnn.corpus.assembly import generator_of
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.recipe import load_recipe
from sgnn.simulation import DrawGenerator

RECIPES = ("covid", "covid-full", "covid-nonmechanistic")
CUTS = (0, 1, 8, 29, 48)


@pytest.fixture(scope="module", params=RECIPES)
def generator(request: pytest.FixtureRequest) -> DrawGenerator:
    """Draws of a recipe, of fewer weeks."""
    section = load_recipe(request.param).corpus
    section = section.model_copy(update={"settings": {**section.settings, "weeks": 24}})
    return generator_of(section, corpus_key(section))


def test_a_draw_is_the_same_whatever_the_batch_and_the_order(generator: DrawGenerator) -> None:
    whole = generator.draws(CUTS[0], CUTS[-1])
    for start, stop in reversed(list(pairwise(CUTS))):
        part = generator.draws(start, stop)
        np.testing.assert_array_equal(part.theta, whole.theta[start:stop])
        np.testing.assert_array_equal(part.mechanism, whole.mechanism[start:stop])
        for name, array in part.arrays.items():
            assert array.tobytes() == whole.arrays[name][start:stop].tobytes(), name


def test_every_draw_can_be_learnt_from(generator: DrawGenerator) -> None:
    draws = generator.draws(0, 300)
    assert not draws.errors
    assert not draws.status.any()
    for name in ("deaths", "admissions"):
        assert draws.arrays[name].shape == (300, 24)
        assert np.nanmin(draws.arrays[name]) >= 0
        assert not np.array_equal(
            draws.arrays[name], draws.arrays[f"{name}_daily"].reshape(300, 24, 7).sum(axis=2), equal_nan=True
        )


def test_all_mechanisms_of_the_mixture_are_drawn(generator: DrawGenerator) -> None:
    draws = generator.draws(0, 1000)
    assert set(draws.mechanism.tolist()) == set(range(len(generator.schema.mechanisms)))


def test_a_parameter_that_a_mechanism_lacks_has_no_value(generator: DrawGenerator) -> None:
    draws = generator.draws(0, 100)
    names = [parameter.name for parameter in generator.schema.parameters]
    for index, component in enumerate(generator.mixture.components):
        own = [names.index(name) for name in component.prior.names]
        rows = draws.theta[draws.mechanism == index]
        assert np.isfinite(rows[:, own]).all()
        others = {n for c in generator.mixture.components for n in c.prior.names} - set(component.prior.names)
        assert np.isnan(rows[:, [names.index(name) for name in others]]).all()
