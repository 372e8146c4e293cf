"""Real series are seen as simulated ones are: from their first count on, in the model's steps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sgnn.errors import DataError
from sgnn.learning.estimate.predict import estimate, panel_given
from sgnn.learning.estimate.table import COLUMNS, estimate_table, series_document, summary_table
from sgnn.learning.estimate.task import EstimateTask
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.simulation import Dimension, Schema, Variable

SCHEMA = Schema(
    (Dimension("day", 40, unit="day"),),
    (Variable("cases", ("day",), "float32", "1", "observable"), Variable("r0", (), "float32", "", "target")),
    (),
    ("a", "b"),
)


@pytest.fixture(scope="module")
def model() -> Model:
    settings = {"width": 8, "depth": 1, "embedding": 8, "mechanism": True, "from_first_count": True}
    task = EstimateTask(series=("cases",), targets=({"name": "r0", "scale": "log"},), **settings)
    return Model(task, task.network(SCHEMA), SCHEMA, {})


def panel(*series: list[float], frequency: str = "D") -> xr.Dataset:
    longest = max(map(len, series))
    values = np.array([[*one, *[np.nan] * (longest - len(one))] for one in series], dtype=float)
    dates = pd.date_range("2020-01-04", periods=longest, freq=frequency)
    return xr.Dataset(
        {"value": (("series", "time"), values)},
        coords={"series": [f"s{at}" for at in range(len(series))], "time": dates},
        attrs={"frequency": frequency, "source": "data.csv"},
    )


def test_leading_zeros_change_no_answer(model: Model) -> None:
    counts = [float(3 + at) for at in range(20)]
    one, other = (estimate(model, model.prepared(panel(part))) for part in (counts, [0.0] * 9 + counts))
    np.testing.assert_allclose(one["estimate"], other["estimate"], rtol=1e-6)


def test_steps_beyond_those_learnt_are_left_out_and_told(model: Model) -> None:
    found = model.prepared(panel([1.0] * 60, [1.0] * 20))
    assert found.sizes["time"] == 40
    assert "the first 40 days of 1 series" in found.attrs["note"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (panel([0.0] * 20), r"data.csv: series 's0' has no count above zero"),
        (panel([1.0] * 20, [0.0] * 10 + [1.0] * 10), r"series 's1' has 10 steps from its first count on"),
        (panel([1.0] * 20, frequency="W-SAT"), r"counts by week, the model learnt counts by day"),
    ],
)
def test_what_cannot_be_seen_is_refused_in_one_line(model: Model, given: xr.Dataset, message: str) -> None:
    with pytest.raises(DataError, match=message):
        model.prepared(given)


def test_counts_by_week_are_seen_as_days_that_share_them_where_the_corpus_shows_weeks_so(model: Model) -> None:
    weekly = EstimateTask(**{**model.task.settings, "weeks_as_days": True})
    given = panel([0.0, 14.0, np.nan, 70.0], frequency="W-SAT").assign(r0=(("series", "time"), np.full((1, 4), 2.0)))
    found = weekly.prepared(SCHEMA, given)
    np.testing.assert_allclose(found["value"][0], np.repeat([2.0, np.nan, 10.0], 7))
    # a week ends on its date: that of Saturday the 11th began on Sunday the 5th
    assert pd.Timestamp(found["start"].to_numpy()[0]) == pd.Timestamp("2020-01-05")
    assert found.attrs["frequency"] == "D"
    told = EstimateTask(**{**weekly.settings, "given": [{"name": "r0"}]}).prepared(SCHEMA, given)
    assert told["r0"].to_numpy().tolist() == [2.0]


def test_what_a_table_says_nothing_of_is_its_default_or_unknown(model: Model) -> None:
    given = [{"name": "r0", "default": 2.0}, {"name": "other"}]
    task, silent = EstimateTask(**{**model.task.settings, "given": given}), panel([1.0] * 20)
    np.testing.assert_array_equal(panel_given(task, silent), [[2.0, np.nan]])
    np.testing.assert_array_equal(panel_given(task, silent.assign(r0=("series", [3.0]))), [[3.0, np.nan]])
    np.testing.assert_array_equal(panel_given(task, silent.assign(r0=("series", [np.nan]))), [[np.nan, np.nan]])


def test_dates_after_today_are_refused(model: Model) -> None:
    with pytest.raises(DataError, match="2020-01-23, which is after today, 2020-01-22"):
        model.prepared(panel([1.0] * 20), pd.Timestamp("2020-01-22"))


def test_the_table_has_a_row_for_each_quantile_and_mechanism(model: Model) -> None:
    answers = estimate(model, model.prepared(panel([5.0] * 20, [9.0] * 20)))
    table = estimate_table(answers)
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 2 * (len(LEVELS) + 2)
    assert table["typicality"].isna().all()
    documents = series_document(table)
    assert [one["series"] for one in documents] == ["s0", "s1"]
    assert sum(documents[0]["mechanisms"].values()) == pytest.approx(1.0, abs=1e-3)
    assert len(summary_table(table)) == 4
