"""Every rule has its negative controls, each caught by that rule and by no other; what is sound passes."""

from __future__ import annotations

import random
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sgnn.errors import RecipeError, UnknownNameError
from sgnn.simulation import Parameter, Prior, Uniform, Variable, lift
from sgnn.simulation.registry import SIMULATORS
from sgnn.testing import RULES, check_simulator
from sgnn.testing.check import OF_SIMULATORS
from sgnn.testing.elsewhere import elsewhere
from sgnn.testing.failing import Fresh, Spoilt, fresh, spoilt
from sgnn.testing.subject import found

sys.path.insert(0, str(Path(__file__).parent / "controls"))
from toy_controls import broken, sound

# what needs a process of its own, which takes a second or two to start
APART = ("process", "failures")
BROKEN = [kind for kind in vars(broken).values() if isinstance(kind, type) and hasattr(kind, "breaks")]
# other tests register simulators of their own, wrong ones among them
SHIPPED = [point.name for point in entry_points(group=SIMULATORS) if point.dist and point.dist.name == "sgnn"]
SOUND = [sound.Sound, sound.Deterministic, sound.Rare, sound.FewSeeds]


def test_every_rule_has_a_control() -> None:
    assert {kind.breaks for kind in BROKEN} == set(OF_SIMULATORS)


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_a_broken_simulator_is_caught_by_the_rule_that_it_breaks_alone(kind: type[Any]) -> None:
    skip = () if kind.breaks in APART else APART
    limit = 0.002 if kind.breaks == "speed" else 10.0
    report = check_simulator(kind(), draws=64, skip=skip, slow_draw=limit, patience=4.0)
    assert report.broken() == (kind.breaks,), report.findings
    assert all(finding.seen and finding.remedy for finding in report.findings)
    with pytest.raises(AssertionError, match=f"does not conform:\n  {kind.breaks}: "):
        report.raise_for_findings()


@pytest.mark.parametrize("kind", SOUND, ids=lambda kind: kind.__name__)
def test_a_sound_simulator_passes_every_rule(kind: type[Any]) -> None:
    report = check_simulator(kind, draws=64)
    report.raise_for_findings()
    assert report.skipped == ()
    assert set(report.looked_at) == set(OF_SIMULATORS) <= set(RULES)
    assert report.measures["seconds_per_block"] == pytest.approx(1024 * report.measures["seconds_per_draw"])


def test_what_is_no_fault_but_worth_knowing_is_noted() -> None:
    assert "nothing in it is random" in check_simulator(sound.Deterministic, draws=16, skip=APART).notes[0]
    assert "few outcomes" in check_simulator(sound.FewSeeds, draws=64, skip=APART).notes[0]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_simulator_conforms(name: str) -> None:
    check_simulator(name, draws=32, skip=APART).raise_for_findings()


def test_every_shipped_simulator_makes_the_same_in_a_fresh_process_and_fails_alone() -> None:
    subjects = [found(name) for name in SHIPPED]
    again = [Fresh(subject, (0, 1, 2)) for subject in subjects]
    outcomes = elsewhere([*again, *map(Spoilt, subjects)], seconds=120.0)
    findings = [fresh(job, outcome) for job, outcome in zip(again, outcomes[: len(again)], strict=True)]
    findings += [spoilt(outcome) for outcome in outcomes[len(again) :]]
    assert [str(finding) for each in findings for finding in each] == []


def test_a_check_leaves_the_shared_generators_as_they_were() -> None:
    np.random.seed(3)  # noqa: NPY002
    random.seed(3)
    before = (np.random.get_state()[1].tolist(), random.getstate())  # type: ignore[index] # noqa: NPY002
    check_simulator(broken.GlobalNumpy(), draws=16)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before  # type: ignore[index] # noqa: NPY002


def test_what_an_earlier_finding_leaves_nothing_to_look_at_is_said() -> None:
    report = check_simulator(broken.ClockSeed(), draws=16, skip=APART)
    assert report.skipped == ("batch", "streams", "speed")
    assert [report.state(rule) for rule in ("prior", "determinism", "batch")] == ["ok", "broken", "not looked at"]


def test_a_function_that_no_other_process_can_import_is_found() -> None:
    walk = lift(
        lambda theta, generator: {"height": generator.normal(theta["drift"])},
        name="controls.lambda",
        version="1",
        prior=Prior({"drift": Parameter(Uniform(-0.5, 0.5), "m", "mean")}),
        dimensions=[],
        variables=[Variable("height", (), np.float64, "m", "observable")],
    )
    report = check_simulator(walk, draws=16)
    assert "process" in report.broken()
    assert "cannot be sent to another process" in report.findings[0].seen


@pytest.mark.parametrize(
    ("subject", "error", "said"),
    [
        ("epidemics.seirr", UnknownNameError, "one of: epidemics.seir"),
        ("nowhere:Nothing", UnknownNameError, "cannot be imported: No module named 'nowhere'"),
        ("toy_controls.sound:Nothing", UnknownNameError, "has no attribute 'Nothing'"),
        ("toy_controls.sound:STEPS", RecipeError, "is 12, which is no simulator"),
        ("toy_controls.sound:Settled", RecipeError, "needs the setting 'days'"),
    ],
)
def test_what_is_no_simulator_is_refused_in_one_line(subject: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        check_simulator(subject)
