"""Gates are pure decisions over benchmark figures."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sgnn.corpus.sections import Gate
from sgnn.tracking.gates import evaluate, figure, sample, shortfall_text

BENCHMARK: dict[str, Any] = {
    "protocol": "real",
    "scores": {"relative_mae": 0.64, "skill": 36.0, "coverage": {"90": 0.88}, "broken": float("nan"), "name": "x"},
    "variants": {"deaths_only": {"scores": {"relative_mae": 0.81}}},
}
FIGURES = st.floats(min_value=-10, max_value=10, allow_nan=False)


def gate(comparison: str, metric: str = "relative_mae", **bounds: float) -> Gate:
    return Gate.model_validate({"name": "g", "protocol": "real", "metric": metric, "comparison": comparison, **bounds})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("relative_mae", 0.64),
        ("scores.relative_mae", 0.64),
        ("coverage.90", 0.88),
        ("scores.coverage.90", 0.88),
        ("variants.deaths_only.scores.relative_mae", 0.81),
        ("variants.other.scores.relative_mae", None),
        ("coverage", None),
        ("broken", None),
        ("name", None),
    ],
)
def test_a_figure_is_found_by_its_dotted_path(path: str, value: float | None) -> None:
    assert figure(BENCHMARK, path) == value


@pytest.mark.parametrize(
    ("condition", "passed", "shortfall"),
    [
        (gate("<=", value=0.65), True, None),
        (gate("<=", value=0.64), True, None),
        (gate("<=", value=0.60), False, 0.04),
        (gate(">=", "skill", value=30), True, None),
        (gate(">=", "skill", value=40), False, 4.0),
        (gate("within", "coverage.90", low=0.86, high=0.94), True, None),
        (gate("within", "coverage.90", low=0.90, high=0.94), False, 0.02),
        (gate("within", "coverage.90", low=0.80, high=0.85), False, 0.03),
    ],
)
def test_a_bound_passes_or_says_by_how_much_it_fails(condition: Gate, passed: bool, shortfall: float | None) -> None:
    (outcome,) = evaluate([condition], {"real": BENCHMARK})
    assert outcome.passed is passed
    assert outcome.shortfall == (None if shortfall is None else pytest.approx(shortfall))


def test_a_refusal_names_protocol_figure_bound_and_distance() -> None:
    (outcome,) = evaluate([gate("<=", value=0.60)], {"real": BENCHMARK})
    assert outcome.reason == "real relative_mae is 0.64, expected <= 0.6, short by 0.04"
    assert shortfall_text([outcome]) == f"gate 'g': {outcome.reason}"


@pytest.mark.parametrize("comparison", ["<=", "not_worse_than_champion"])
def test_what_was_not_measured_does_not_pass(comparison: str) -> None:
    (outcome,) = evaluate([gate(comparison, value=9.0)], {})
    assert not outcome.passed
    assert outcome.reason.startswith("not measured")
    assert outcome.shortfall is None


def test_a_figure_that_is_not_finite_counts_as_not_measured() -> None:
    (outcome,) = evaluate([gate("<=", "broken", value=9.0)], {"real": BENCHMARK})
    assert not outcome.passed
    assert outcome.reason.startswith("not measured")


def test_without_a_champion_there_is_nothing_to_be_worse_than() -> None:
    (outcome,) = evaluate([gate("not_worse_than_champion")], {"real": BENCHMARK}, None)
    assert outcome.passed


@pytest.mark.parametrize(
    ("metric", "mine", "champion", "passed"),
    [
        ("relative_mae", 0.66, 0.65, True),
        ("relative_mae", 0.68, 0.65, False),
        ("skill", 34.0, 35.0, False),
        ("skill", 36.0, 35.0, True),
        # coverage is good near its nominal level, on either side
        ("coverage.90", 0.93, 0.86, True),
        ("coverage.90", 0.99, 0.88, False),
    ],
)
def test_a_champion_is_beaten_in_the_direction_of_the_metric(
    metric: str, mine: float, champion: float, passed: bool
) -> None:
    def scored(value: float) -> dict[str, Any]:
        keys = metric.split(".")
        return {"real": {"scores": {keys[0]: {keys[1]: value} if len(keys) > 1 else value}}}

    (outcome,) = evaluate([gate("not_worse_than_champion", metric, margin=0.02)], scored(mine), scored(champion))
    assert outcome.passed is passed


@given(value=FIGURES, bound=FIGURES)
@settings(max_examples=60)
def test_at_most_and_at_least_pass_together_only_at_the_bound(value: float, bound: float) -> None:
    results = {"real": {"scores": {"m": value}}}
    below, above = evaluate([gate("<=", "m", value=bound), gate(">=", "m", value=bound)], results)
    assert below.passed or above.passed
    assert (below.passed and above.passed) == (abs(value - bound) <= 1e-12)


@given(value=FIGURES, low=FIGURES, width=st.floats(min_value=0, max_value=5))
@settings(max_examples=60)
def test_within_is_both_bounds_at_once(value: float, low: float, width: float) -> None:
    results = {"real": {"scores": {"m": value}}}
    within, above, below = evaluate(
        [
            gate("within", "m", low=low, high=low + width),
            gate(">=", "m", value=low),
            gate("<=", "m", value=low + width),
        ],
        results,
    )
    assert within.passed == (above.passed and below.passed)


def test_gates_are_imported_without_mlflow() -> None:
    code = "import sys, sgnn.tracking.gates, sgnn.tracking.reference; sys.exit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


COUNTED: dict[str, Any] = {
    "protocol": "real",
    "scores": {"relative_mae": 0.64, "coverage": {"90": 0.88}, "forecasts": 400},
    "variants": {"deaths_only": {"scores": {"relative_mae": 0.60, "forecasts": 12}}},
}


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("relative_mae", 400),
        ("coverage.90", 400),
        ("scores.coverage.90", 400),
        ("variants.deaths_only.scores.relative_mae", 12),
    ],
)
def test_the_sample_of_a_figure_is_the_one_nearest_to_it(path: str, number: int) -> None:
    assert sample(COUNTED, path) == number
    assert sample({"series": 7, "scores": {"r0": 1.0}}, "r0") == 7
    assert sample(BENCHMARK, path) is None


@pytest.mark.parametrize(
    ("metric", "minimum", "passed"),
    [
        ("relative_mae", 400, True),
        ("relative_mae", 401, False),
        ("variants.deaths_only.scores.relative_mae", 13, False),
        ("variants.deaths_only.scores.relative_mae", 12, True),
    ],
)
def test_a_good_figure_of_too_small_a_sample_does_not_pass(metric: str, minimum: int, passed: bool) -> None:
    (outcome,) = evaluate([gate("<=", metric, value=0.65, minimum_sample=minimum)], {"real": COUNTED})
    assert outcome.passed is passed
    if not passed:
        assert f"at least {minimum} in the sample" in outcome.reason
    champion = gate("not_worse_than_champion", metric, margin=0.1, minimum_sample=minimum)
    assert evaluate([champion], {"real": COUNTED}, {"real": COUNTED})[0].passed is passed


def test_a_sample_that_is_not_told_is_too_small() -> None:
    (outcome,) = evaluate([gate("<=", value=0.65, minimum_sample=1)], {"real": BENCHMARK})
    assert not outcome.passed
    assert "its sample is not told" in outcome.reason
