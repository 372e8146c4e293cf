"""Draws that are not ok keep their mechanism, reason and parameters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sgnn.corpus.failures import failures
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe, SimulatorEntry
from sgnn.errors import CorruptCorpusError


@pytest.fixture
def corpus(build: Callable[[Recipe], Corpus], recipe: Recipe, change: Callable[..., Recipe]) -> Corpus:
    walk = SimulatorEntry(name="walks.walk", settings={"failing": 0.1})
    return build(change(recipe, simulators=(walk, recipe.corpus.simulators[1])))


def test_every_draw_that_is_not_ok_is_there_with_the_parameters_of_its_mechanism(corpus: Corpus) -> None:
    found = list(failures(corpus))
    assert len(found) == corpus.status.failed + corpus.status.quarantined > 0
    draws = [one.draw for one in found]
    states = np.concatenate([corpus.read(block, ["status"])["status"] for block in corpus.blocks])
    assert draws == np.flatnonzero(states).tolist()
    theta = corpus.dataset().theta.to_numpy()
    for one in found:
        assert ("jump" in one.theta) == (one.mechanism == "walks.jump")
        assert one.theta["scale"] == theta[one.draw, 0]
        assert one.reason


def test_a_lost_record_is_told_and_no_failure_vanishes(corpus: Corpus) -> None:
    first = next(failures(corpus))
    corpus.store.remove(f"records/{first.draw // 32:06d}.json")
    with pytest.raises(CorruptCorpusError, match=r"records/\d+.json is missing; `sgnn corpus verify"):
        list(failures(corpus))
