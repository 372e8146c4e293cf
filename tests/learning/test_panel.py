"""Panels: their frequency, whole weeks out of days, and where forecasts may start."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from sgnn.errors import DataError
from sgnn.learning.panel import choose_origins, frequency_of, to_weekly


def panel_of(values: np.ndarray, first: str = "2021-01-02", frequency: str = "W-SAT") -> xr.Dataset:
    times = pd.date_range(first, periods=values.shape[1], freq="1D" if frequency == "D" else "7D")
    names = [f"s{row}" for row in range(len(values))]
    coords = {"series": names, "time": times.to_numpy()}
    return xr.Dataset({"value": (("series", "time"), values)}, coords, {"frequency": frequency, "source": "t.csv"})


@pytest.mark.parametrize(
    ("dates", "frequency"),
    [
        (["2021-01-02", "2021-01-09"], "W-SAT"),
        (["2021-01-04", "2021-01-25", "2021-02-01"], "W-MON"),
        (["2021-01-02", "2021-01-03", "2021-01-04", "2021-01-08"], "D"),
    ],
)
def test_the_frequency_is_told_by_the_steps_between_dates(dates: list[str], frequency: str) -> None:
    assert frequency_of(pd.DatetimeIndex(dates)) == frequency


def test_a_week_on_another_weekday_is_named() -> None:
    dates = pd.date_range("2021-01-02", periods=10, freq="7D").to_list()
    dates[4] += pd.Timedelta(days=1)
    with pytest.raises(DataError, match="2021-01-31 is a Sunday, other weeks have a Saturday"):
        frequency_of(pd.DatetimeIndex(dates))


@settings(max_examples=40, deadline=None)
@given(days=st.integers(56, 90), missing=st.sets(st.integers(0, 55), max_size=4), seed=st.integers(0, 99))
def test_weeks_hold_all_counts_of_the_days_they_span(days: int, missing: set[int], seed: int) -> None:
    values = np.random.default_rng(seed).poisson(20, (2, days)).astype(float)
    values[0, list(missing)] = np.nan
    panel = panel_of(values, "2021-01-01", "D")
    weekly = to_weekly(panel)
    kept = values[:, days % 7 :]
    assert weekly.sizes["time"] == days // 7
    assert weekly["time"].to_numpy()[-1] == panel["time"].to_numpy()[-1]
    assert weekly["value"][1].sum() == kept[1].sum()
    spoilt = {(day - days % 7) // 7 for day in missing if day >= days % 7}
    assert set(np.flatnonzero(np.isnan(weekly["value"][0]))) == spoilt


def test_the_summing_of_days_is_said_in_words() -> None:
    values = np.ones((1, 59))
    values[0, 20] = np.nan
    weekly = to_weekly(panel_of(values, "2021-01-01", "D"))
    assert weekly.attrs["frequency"] == "W-SUN"
    assert weekly.attrs["note"] == (
        "daily counts summed to weeks that end on a Sunday; the first 3 days, no whole week, are left out; "
        "1 weeks lack a day and are missing"
    )


def test_covariates_are_summed_as_well_and_weeks_stay_as_they_are() -> None:
    daily = panel_of(np.ones((1, 63)), "2021-01-01", "D").assign(admissions=(("time", "series"), np.full((63, 1), 2.0)))
    weekly = to_weekly(daily)
    assert (weekly["admissions"] == 14).all()
    assert to_weekly(weekly) is weekly


def test_fewer_than_eight_whole_weeks_of_days_are_refused() -> None:
    with pytest.raises(DataError, match="55 days are 7 whole weeks, a forecast needs 8"):
        to_weekly(panel_of(np.ones((1, 55)), "2021-01-01", "D"))


def late_panel() -> xr.Dataset:
    """Twenty weeks; the second series begins in the sixth, the third lacks every other value."""
    values = np.ones((3, 20))
    values[1, :5] = np.nan
    values[2, 1::2] = np.nan
    return panel_of(values)


def test_all_origins_are_those_by_which_every_series_has_eight_values() -> None:
    assert choose_origins(late_panel(), "all") == [14, 15, 16, 17, 18, 19]
    assert choose_origins(late_panel().isel(series=[0]), "all") == list(range(7, 20))
    assert choose_origins(late_panel(), "last") == [19]


def test_an_origin_by_which_a_series_has_too_few_values_is_refused_with_the_earliest_possible() -> None:
    with pytest.raises(DataError, match=r"series 's1' has 4 points up to it.*earliest possible: 2021-04-10"):
        choose_origins(late_panel(), "2021-02-27")


def test_a_series_of_gaps_alone_cannot_be_forecast_from_anywhere() -> None:
    values = np.ones((2, 20))
    values[1, 3:] = np.nan
    with pytest.raises(DataError, match="series 's1' has 3 values, a forecast needs 8"):
        choose_origins(panel_of(values), "last")


def test_origins_are_named_by_date_in_any_order_and_once() -> None:
    assert choose_origins(late_panel(), "2021-05-15, 2021-05-01,2021-05-15") == [17, 19]


@pytest.mark.parametrize("wanted", ["2021-05-02", "20210501", "soon", "", "2021-05-01,"])
def test_an_origin_that_is_no_date_of_the_data_is_refused_with_near_ones(wanted: str) -> None:
    with pytest.raises(
        DataError, match="is no date of the data, which run from 2021-01-02 to 2021-05-15; near it: 2021"
    ):
        choose_origins(late_panel(), wanted)
