"""Audits: failures that depend on a parameter bend its prior, and others do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sgnn.corpus.audit import audit
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe, SimulatorEntry

Build = Callable[[Recipe], Corpus]


@pytest.fixture
def bent(build: Build, recipe: Recipe, change: Callable[..., Recipe]) -> Corpus:
    # small first steps fail, and large walks and jumps leave the declared range
    entries = (
        SimulatorEntry(name="walks.walk", settings={"failing": 0.2}),
        SimulatorEntry(name="walks.jump"),
    )
    return build(change(recipe, simulators=entries, draws=1500, block_draws=512))


def test_a_parameter_on_which_failures_depend_is_found_and_one_on_which_they_do_not_is_not(bent: Corpus) -> None:
    shifts = {(shift.mechanism, shift.parameter): shift for shift in audit(bent).shifts}
    assert shifts["walks.jump", "jump"].p_value < 1e-6
    assert shifts["walks.walk", "scale"].p_value < 0.01
    assert shifts["walks.walk", "count_level.error"].p_value > 0.01
    assert shifts["walks.jump", "count_level.error"].p_value > 0.01
    assert ("walks.walk", "jump") not in shifts


def test_the_distance_is_that_between_draws_that_are_ok_and_all_draws(bent: Corpus) -> None:
    found = next(shift for shift in audit(bent).shifts if shift.parameter == "jump")
    dataset = bent.dataset()
    own = (dataset.mechanism == "walks.jump").to_numpy()
    values = dataset.theta.sel(parameter="jump").to_numpy()
    ok = (dataset.status == "ok").to_numpy()
    at = np.sort(values[own])
    every = np.searchsorted(at, at, side="right") / own.sum()
    kept = np.searchsorted(np.sort(values[own & ok]), at, side="right") / (own & ok).sum()
    assert found.distance == pytest.approx(np.abs(every - kept).max(), abs=1e-9)


def test_losses_by_mechanism_add_up_to_the_counts_of_the_corpus(bent: Corpus) -> None:
    losses = audit(bent).losses
    assert sum(loss.draws for loss in losses) == bent.status.asked
    assert sum(loss.failed for loss in losses) == bent.status.failed
    assert sum(loss.quarantined for loss in losses) == bent.status.quarantined


def test_a_corpus_that_lost_nothing_has_no_shifts(build: Build, recipe: Recipe, change: Callable[..., Recipe]) -> None:
    calm = (SimulatorEntry(name="walks.walk", prior={"scale": {"high": 0.6}}),)
    assert audit(build(change(recipe, simulators=calm))).shifts == ()
