"""Positive controls: sound corpora have no finding, but for the stated share of false alarms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scipy.stats import binom

from sgnn.corpus.audit import FALSE_ALARMS, audit
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe, SimulatorEntry, load_recipe, recipe_names

MIXTURE = (SimulatorEntry(name="wrongs.sound", weight=3), SimulatorEntry(name="wrongs.still"))


@pytest.mark.parametrize("name", ["covid", "covid-nonmechanistic"])
def test_the_tiny_corpus_of_a_shipped_recipe_has_no_finding(name: str, build: Callable[[Recipe], Corpus]) -> None:
    assert audit(build(load_recipe(name).tiny())).findings == ()


@pytest.mark.long
def test_the_tiny_corpora_of_all_shipped_recipes_have_no_finding(build: Callable[[Recipe], Corpus]) -> None:
    shipped = [name for name in recipe_names() if not name.startswith(("walks", "wrongs"))]
    found = {name: audit(build(load_recipe(name).tiny())).findings for name in shipped}
    assert {name: findings for name, findings in found.items() if findings} == {}


@pytest.mark.long
def test_a_hundred_sound_corpora_have_no_more_false_alarms_than_stated(
    wrongs: Callable[..., Corpus],
) -> None:
    number = 100
    alarms = 0
    for seed in range(number):
        corpus = wrongs(simulators=MIXTURE, seed=seed, observation=(), draws=512, name=f"sound-{seed}")
        alarms += not audit(corpus).sound
    # more than this happens once in ten thousand times where the rate is the stated one
    assert alarms <= binom.isf(1e-4, number, FALSE_ALARMS)
