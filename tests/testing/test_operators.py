"""Observation operators: what is sound passes, each way to break a rule is caught by that rule alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from sgnn.simulation import ObservationOperator, ObservationPipeline
from sgnn.simulation.registry import OBSERVATIONS, find, names
from sgnn.testing import check_operator

sys.path.insert(0, str(Path(__file__).parent / "controls"))
from toy_controls import observed
from toy_controls.sound import Sound

BROKEN = [kind for kind in vars(observed).values() if isinstance(kind, type) and hasattr(kind, "breaks")]
OPERATORS = [name.removeprefix("epidemics.") for name in names(OBSERVATIONS) if name.startswith("epidemics.")]
OF_WEEKS = ("missing", "late_start", "backfill", "rounding", "small_counts")


def shipped(name: str) -> ObservationOperator:
    source = {"source": "deaths_daily"} if name == "report" else {}
    operator: ObservationOperator = find(OBSERVATIONS, f"epidemics.{name}")(variable="deaths", **source)
    return operator


def stages_before(name: str) -> ObservationPipeline:
    """What an operator of deaths stands after in a recipe."""
    if name == "report":
        return ObservationPipeline()
    daily = ObservationPipeline((shipped("report"),))
    return daily | shipped("weekly") if name in OF_WEEKS else daily


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_a_broken_operator_is_caught_by_the_rule_that_it_breaks_alone(kind: type[Any]) -> None:
    report = check_operator(kind(), Sound(), observed.Noisy(label="before"), draws=64)
    assert report.broken() == (kind.breaks,), report.findings


def test_a_sound_operator_passes_every_rule() -> None:
    report = check_operator(observed.Noisy(), Sound(), draws=64)
    report.raise_for_findings()
    assert report.skipped == ()
    assert "changes" in report.looked_at


@pytest.mark.parametrize("name", OPERATORS)
def test_every_shipped_operator_conforms(name: str) -> None:
    simulator = find("sgnn.simulators", "epidemics.seir")(weeks=40)
    check_operator(shipped(name), simulator, stages_before(name), draws=32).raise_for_findings()
