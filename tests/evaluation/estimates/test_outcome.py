"""Estimates as an outcome: scores are those of the answers, gaps are counted, and it reads as it was saved."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sgnn.evaluation.benchmark import Benchmark
from sgnn.evaluation.estimates.answers import Estimates
from sgnn.evaluation.estimates.mechanism_scores import calibration_error
from sgnn.evaluation.estimates.outcome import EstimateBenchmark, PublishedEstimate
from sgnn.evaluation.estimates.ranges import PublishedRange
from sgnn.evaluation.outcome import kind_of, load_outcome
from sgnn.evaluation.report.outcome_section import outcome_section, score_cards
from sgnn.evaluation.tables import headline_table, tables
from sgnn.learning.forecast.levels import LEVELS

SERIES = 400
MECHANISMS = ("one", "other")


@pytest.fixture(scope="module")
def outcome() -> EstimateBenchmark:
    """A model whose quantiles are exact for truths spread about its medians, and one that answers half the time."""
    from scipy.stats import norm

    chance = np.random.default_rng(0)
    levels = np.array(LEVELS)
    centre = chance.uniform(5.0, 10.0, SERIES)
    truth = centre + chance.normal(size=SERIES)
    exact = centre[:, None] + norm.ppf(levels)
    shy = np.full(exact.shape, np.nan)
    for level in (0.05, 0.5, 0.95):
        column = LEVELS.index(level)
        shy[::2, column] = exact[::2, column] + 2.0
    values = np.ones((SERIES, 90))
    values[::2, 20:] = np.nan
    mechanism = chance.integers(0, 2, SERIES)
    sure = np.where(np.arange(2) == mechanism[:, None], 0.8, 0.2)
    return EstimateBenchmark(
        protocol="toy",
        model="exact",
        estimates=Estimates(
            truth={"r0": truth, "delay": truth},
            methods={"model": {"r0": exact, "delay": exact}, "shy": {"r0": shy}, "shy_told": {"r0": shy}},
            levels=levels,
            values=values,
            units={"delay": "day"},
            mechanisms=MECHANISMS,
            mechanism=mechanism,
            probabilities={"model": sure, "prior": np.full((SERIES, 2), 0.5)},
        ),
        informed=("shy_told",),
        published=(PublishedEstimate("theirs", 18.6, 1.83, "a paper", "on other draws"),),
        notes=("a note",),
    )


def test_exact_answers_are_calibrated_and_have_the_error_of_their_spread(outcome: EstimateBenchmark) -> None:
    scores = outcome.to_json()["scores"]
    assert scores["mean_squared_error"] == pytest.approx(1.0, abs=0.2)
    for percent, share in scores["coverage"].items():
        assert share == pytest.approx(int(percent) / 100, abs=0.06)
    asked = outcome.estimates
    medians = asked.methods["model"]["r0"][:, LEVELS.index(0.5)]
    expected = 100 * np.mean(np.abs(medians - asked.truth["r0"]) / asked.truth["r0"])
    assert scores["mean_percent_error"] == pytest.approx(expected)


def test_a_baseline_without_answers_is_counted_and_held_against_the_model_where_it_answers(
    outcome: EstimateBenchmark,
) -> None:
    document = outcome.to_json()
    assert set(document["baselines"]) == {"shy"}
    assert set(document["informed"]) == {"shy_told"}
    shy = document["baselines"]["shy"]
    assert (shy["answers"], shy["failures"]) == (SERIES // 2, SERIES // 2)
    assert shy["coverage"]["50"] is None
    assert shy["coverage"]["90"] < 0.6
    assert shy["model_where_answered"]["mean_squared_error"] < 0.5 * shy["mean_squared_error"]


def test_groups_and_lengths_hold_every_series_once(outcome: EstimateBenchmark) -> None:
    document = outcome.to_json()
    assert sum(one["series"] for one in document["groups"].values()) == SERIES
    assert {one["from"]: one["series"] for one in document["by_length"]} == {0: SERIES // 2, 84: SERIES // 2}


def test_every_score_has_an_interval_that_holds_it(outcome: EstimateBenchmark) -> None:
    document = outcome.to_json()
    intervals = document["intervals"]["methods"]["model"]
    for name in ("mean_percent_error", "mean_squared_error", "pinball"):
        low, high = intervals[name]
        assert low < document["scores"][name] < high


def test_probabilities_that_are_too_small_are_told_by_their_calibration(outcome: EstimateBenchmark) -> None:
    scores = outcome.to_json()["mechanism"]["scores"]
    assert scores["accuracy"] == 1.0
    assert scores["calibration_error"] == pytest.approx(0.2)
    assert calibration_error(np.tile([1.0, 0.0], (10, 1)), np.zeros(10, dtype=np.int64)) == 0.0
    confusion = np.array(outcome.to_json()["mechanism"]["confusion"]["model"])
    assert confusion.trace() == confusion.sum() == SERIES


def test_calibration_is_told_by_parameter_and_by_its_worst(outcome: EstimateBenchmark) -> None:
    told = outcome.to_json()["calibration"]
    assert set(told["parameters"]) == {"r0", "delay"}
    assert told["largest_gap"] == max(one["largest_gap"] for one in told["parameters"].values()) < 0.08
    assert told["rank_p_value"] > 0.001
    reliability = outcome.to_json()["mechanism"]["reliability"]
    assert [(one["stated"], one["came"]) for one in reliability] == [
        (pytest.approx(0.2), 0.0),
        (pytest.approx(0.8), 1.0),
    ]


def test_a_saved_outcome_reads_the_same(outcome: EstimateBenchmark, tmp_path: Path) -> None:
    again = load_outcome(outcome.save(tmp_path / "kept"))
    assert isinstance(again, EstimateBenchmark)
    assert json.dumps(again.to_json()) == json.dumps(outcome.to_json())


def test_tables_and_page_show_every_method_and_parameter(outcome: EstimateBenchmark) -> None:
    document = outcome.to_json()
    assert kind_of(document) == "estimates"
    assert [row[0] for row in headline_table(document).rows] == ["this model", "shy", "shy told", "theirs (published)"]
    titles = [title for title, _ in tables(document)]
    assert {"by parameter", "by mechanism", "by length", "calibration", "which mechanism"} <= set(titles)
    section = outcome_section(outcome, document)
    pictures = [part for part in section.parts if part.kind == "picture"]
    assert len(pictures) == 3
    assert [part.kind for part in section.parts].count("pictures") == 1
    assert len(score_cards(document)) == 3


def test_a_document_that_names_no_kind_tells_of_forecasts() -> None:
    assert kind_of({"protocol": "covid-68w8h"}) == Benchmark.kind


def test_intervals_are_held_against_what_was_published(tmp_path: Path) -> None:
    levels = np.array(LEVELS)
    answers = np.array([2.0, 5.0, np.nan])[:, None] + np.linspace(-1.0, 1.0, len(levels))
    ranges = tuple(PublishedRange(name, 1.0, 1.5, "a paper") for name in ("met", "missed", "unanswered"))
    outcome = EstimateBenchmark(
        protocol="real",
        model="model",
        estimates=Estimates(
            truth={"r0": np.full(3, 1.25)}, methods={"model": {"r0": answers}}, levels=levels, values=np.ones((3, 20))
        ),
        ranges=ranges,
        is_real=True,
    )
    document = outcome.to_json()
    assert document["ranges"]["overlaps"] == {"model": 1}
    assert [one["methods"]["model"]["overlaps"] for one in document["ranges"]["series"]] == [True, False, False]
    shown = dict(tables(document))["published and estimated"]
    assert shown.rows[-1] == ("intervals that meet the range", "of 3", "1")
    assert load_outcome(outcome.save(tmp_path / "saved")).to_json() == document
    outcome_section(outcome, document)
