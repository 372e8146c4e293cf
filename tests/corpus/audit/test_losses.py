"""Failures that depend on a parameter bend its prior, and others do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sgnn.corpus.audit import Audit, audit
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe, SimulatorEntry

Build = Callable[[Recipe], Corpus]
Change = Callable[..., Recipe]
SMALL_STEPS_FAIL = SimulatorEntry(name="walks.walk", settings={"failing": 0.2})


@pytest.fixture
def bent(build: Build, recipe: Recipe, change: Change) -> Corpus:
    # small first steps fail, and large walks and jumps leave the declared range
    entries = (SMALL_STEPS_FAIL, SimulatorEntry(name="walks.jump"))
    return build(change(recipe, simulators=entries, draws=1500, block_draws=512))


def shifts(found: Audit) -> dict[tuple[str, str], dict[str, object]]:
    """Figures of the bend by mechanism and parameter."""
    rows = found.section("losses").outcome.figures["shifts"]
    return {(row["mechanism"], row["parameter"]): row for row in rows}


def test_a_parameter_on_which_failures_depend_is_a_finding_and_one_on_which_they_do_not_is_none(bent: Corpus) -> None:
    found = audit(bent)
    about = {finding.about for finding in found.section("losses").findings}
    assert "jump of walks.jump" in about
    assert not any("error" in one for one in about)
    told = shifts(found)
    assert told["walks.jump", "count_level.error"]["p_value"] > 0.01
    assert ("walks.walk", "jump") not in told
    assert told["walks.jump", "jump"]["worst_tenth"] == 10
    assert told["walks.jump", "jump"]["worst_lost_share"] > 0.8


def test_the_distance_is_that_between_draws_that_are_ok_and_all_draws(bent: Corpus) -> None:
    found = shifts(audit(bent))["walks.jump", "jump"]
    dataset = bent.dataset()
    own = (dataset.mechanism == "walks.jump").to_numpy()
    values = dataset.theta.sel(parameter="jump").to_numpy()
    ok = (dataset.status == "ok").to_numpy()
    at = np.sort(values[own])
    every = np.searchsorted(at, at, side="right") / own.sum()
    kept = np.searchsorted(np.sort(values[own & ok]), at, side="right") / (own & ok).sum()
    # counted in two hundred bins of the prior
    assert found["distance"] == pytest.approx(np.abs(every - kept).max(), abs=0.01)


def test_losses_by_mechanism_add_up_to_the_counts_of_the_corpus(bent: Corpus) -> None:
    losses = audit(bent).section("losses").outcome.figures["losses"]
    assert sum(loss["draws"] for loss in losses) == bent.status.asked
    assert sum(loss["failed"] for loss in losses) == bent.status.failed
    assert sum(loss["quarantined"] for loss in losses) == bent.status.quarantined


def test_a_corpus_that_lost_nothing_has_no_shifts(build: Build, recipe: Recipe, change: Change) -> None:
    calm = (SimulatorEntry(name="walks.walk", prior={"scale": {"high": 0.6}}),)
    assert shifts(audit(build(change(recipe, simulators=calm)))) == {}


def test_losses_that_do_not_depend_on_parameters_are_no_finding(build: Build, recipe: Recipe, change: Change) -> None:
    entry = SimulatorEntry(name="walks.walk", settings={"failing": 0.2}, prior={"scale": {"low": 1.0, "high": 1.001}})
    found = audit(build(change(recipe, simulators=(entry,), draws=600, block_draws=320)))
    assert found.section("losses").outcome.figures["lost_share"] > 0.1
    assert found.section("losses").findings == ()


def test_a_mechanism_that_loses_all_of_its_draws_is_a_finding(build: Build, recipe: Recipe, change: Change) -> None:
    entries = (SimulatorEntry(name="walks.jump"), SimulatorEntry(name="walks.walk", settings={"failing": 9.0}))
    found = audit(build(change(recipe, simulators=entries)))
    messages = {finding.about: finding.message for finding in found.section("losses").findings}
    assert messages["walks.walk"].startswith("none of its ")
