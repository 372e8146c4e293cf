"""Figures: what they show is what the forecasts say, and drawing changes nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.stats import norm

from sgnn.evaluation.benchmark import MODEL, Forecasts, scored
from sgnn.evaluation.figures.calibration import calibration
from sgnn.evaluation.figures.fan import fan_charts, largest
from sgnn.evaluation.figures.skill import by_horizon, by_series, over_time
from sgnn.evaluation.figures.style import png, svg
from sgnn.learning.forecast.levels import LEVELS

ORIGINS = tuple(range(20, 60, 2))


@pytest.fixture(scope="module")
def forecasts(waves: np.ndarray) -> Forecasts:
    """A model that knows the waves but for some noise, beside two others."""
    truth = np.stack([waves[:, at + 1 : at + 5] for at in ORIGINS], axis=1)
    last = np.repeat(waves[:, list(ORIGINS), None], 4, axis=2)
    spread = 1 + 0.2 * norm.ppf(LEVELS)
    chance = np.random.default_rng(1)
    made = {MODEL: truth * chance.normal(1, 0.1, truth.shape), "last_value": last, "theta": last * 1.02}
    methods = {name: np.maximum(median[..., None] * spread, 0) for name, median in made.items()}
    dates = tuple(str(np.datetime64("2020-08-01") + 7 * week) for week in range(68))
    return Forecasts(methods, truth, np.array(LEVELS), tuple("ABCDEF"), ORIGINS, waves, dates)


def test_all_figures_are_drawn_without_touching_global_settings(forecasts: Forecasts, tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    document = scored(forecasts)
    drawn = [
        by_horizon(document),
        over_time(document),
        by_series(document),
        calibration(forecasts),
        fan_charts(forecasts, largest(forecasts)),
    ]
    for number, one in enumerate(drawn):
        assert isinstance(one, Figure)
        assert png(one, tmp_path / f"{number}.png", dots=40).stat().st_size > 1000
    assert svg(drawn[0]) == svg(by_horizon(document))
    assert dict(mpl.rcParams) == before


def test_the_curve_by_horizon_is_that_of_the_document(forecasts: Forecasts) -> None:
    document = scored(forecasts)
    (axis,) = by_horizon(document).axes
    lines = {line.get_label(): line.get_ydata() for line in axis.lines}
    np.testing.assert_allclose(lines["this model"], [row["relative_mae"] for row in document["by_horizon"]])
    assert {"this model", "Theta"} <= set(lines)
    assert "last value" not in lines


def test_series_stand_best_first(forecasts: Forecasts) -> None:
    document = scored(forecasts)
    (axis,) = by_series(document).axes
    best = min(document["by_series"], key=lambda row: row["relative_mae"])
    assert axis.get_yticklabels()[0].get_text() == best["series"]


def test_fans_start_where_the_series_was_and_show_truth_and_median(forecasts: Forecasts) -> None:
    axes = fan_charts(forecasts, [2], every=10, columns=1).axes
    medians = [line for line in axes[0].lines if line.get_label() == "median forecast"]
    assert len(medians) == 2
    assert medians[0].get_ydata()[0] == forecasts.values[2, ORIGINS[0]]
    np.testing.assert_array_equal(medians[0].get_ydata()[1:], forecasts.methods[MODEL][2, 0, :, LEVELS.index(0.5)])


def test_series_and_times_without_a_score_or_a_date_are_drawn_too(forecasts: Forecasts, tmp_path: Path) -> None:
    truth = forecasts.truth.copy()
    truth[1] = np.nan
    truth[:, 3] = np.nan
    values = forecasts.values.copy()
    values[:, ORIGINS[0]] = np.nan
    gaps = replace(forecasts, truth=truth, values=values, dates=())
    document = scored(gaps)
    for number, one in enumerate(
        (by_horizon(document), over_time(document), by_series(document), calibration(gaps), fan_charts(gaps, [0, 1]))
    ):
        png(one, tmp_path / f"{number}.png", dots=40)
    assert len(by_series(document).axes[0].get_yticklabels()) == 5


def test_the_series_shown_run_from_the_largest_to_the_smallest(forecasts: Forecasts) -> None:
    sums = forecasts.values.sum(axis=1)
    rows = largest(forecasts, 3)
    assert sums[rows[0]] == sums.max()
    assert sums[rows[-1]] == sums.min()
