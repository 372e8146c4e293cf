"""Tables in and out: every format read, every fault one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sgnn.errors import DataError
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.panel import choose_origins, to_weekly
from sgnn.learning.table import forecast_table, hub_table, panel_of_table, read_panel, write_table

WEEKS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2021-01-02", periods=12, freq="7D")]
SUNDAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2021-01-03", periods=12, freq="7D")]
DAYS = [f"{day:%Y-%m-%d}" for day in pd.date_range("2021-01-03", periods=12, freq="1D")]


def long() -> pd.DataFrame:
    return pd.DataFrame({"series": ["a"] * 12 + ["b"] * 12, "date": WEEKS * 2, "value": [str(i) for i in range(24)]})


def hub() -> pd.DataFrame:
    names = {"series": "location", "date": "target_end_date", "value": "observation"}
    return long().rename(columns=names).assign(target="wk inc death")


def test_a_long_table_with_covariates_is_read() -> None:
    panel = panel_of_table(long().assign(admissions="5"))
    assert panel.sizes == {"series": 2, "time": 12}
    assert panel.attrs["frequency"] == "W-SAT"
    np.testing.assert_array_equal(panel["value"].sel(series="b"), np.arange(12, 24))
    assert float(panel["admissions"].max()) == 5


def test_wide_and_hub_tables_mean_the_same_as_the_long_one() -> None:
    expected = panel_of_table(long())
    wide = pd.DataFrame({"date": WEEKS, "a": range(12), "b": range(12, 24)}).astype(str)
    upside_down = hub().iloc[::-1].sort_values("location", kind="stable")
    for table in (wide, hub(), upside_down, hub().assign(as_of="2021-04-01", population="9")):
        xr.testing.assert_equal(panel_of_table(table), expected)


def test_an_empty_value_is_missing_and_a_late_series_begins_late() -> None:
    table = long().drop(index=[12, 13])
    table.loc[3, "value"] = ""
    panel = panel_of_table(table)
    assert np.isnan(panel["value"].sel(series="a")[3])
    assert np.isnan(panel["value"].sel(series="b")[:2]).all()


def test_a_table_without_a_series_column_is_one_series_with_its_covariates() -> None:
    table = long().head(12)[["date", "value"]].assign(admissions="5")
    panel = panel_of_table(table)
    assert panel.sizes == {"series": 1, "time": 12}
    assert set(panel.data_vars) == {"value", "admissions"}


def test_names_of_series_keep_their_leading_zeros(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    long().replace({"series": {"a": "01", "b": "1"}}).to_csv(place, index=False)
    assert read_panel(place)["series"].to_numpy().tolist() == ["01", "1"]


def test_a_table_of_numbers_and_timestamps_is_read_like_one_of_text() -> None:
    typed = long().astype({"value": float}).assign(date=pd.to_datetime(WEEKS * 2))
    typed.loc[3, "value"] = np.nan
    text = long()
    text.loc[3, "value"] = "NA"
    xr.testing.assert_equal(panel_of_table(typed), panel_of_table(text))


def test_rows_are_named_by_their_line_in_the_file(tmp_path: Path) -> None:
    place = tmp_path / "t.csv"
    lines = faulty(value="many").to_csv(index=False).splitlines()
    place.write_text("\n".join([*lines[:3], "", "", *lines[3:]]))
    with pytest.raises(DataError, match=r"t\.csv row 9, column value: 'many'"):
        read_panel(place)


def faulty(**changes: str) -> pd.DataFrame:
    table = long()
    for name, value in changes.items():
        table.loc[5, name] = value
    return table


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (faulty(value="many"), r"t.csv row 7, column value: 'many' is no number"),
        (faulty(value="-3"), r"row 7, column value: '-3' is negative"),
        (faulty(value="inf"), r"row 7, column value: 'inf' is infinite"),
        (faulty(date="soon"), r"row 7, column date: 'soon' is no date"),
        (long().drop(index=7), r"series 'a' has no row for 2021-02-20"),
        (long().head(5), r"5 dates, a forecast needs 8"),
        (pd.concat([long(), long().head(1)]), r"row 26: series 'a' has 2021-01-02 twice"),
        (long().rename(columns={"value": "x"}), r"has the columns series, date, x"),
        (long().head(0), r"no rows"),
        (faulty(value="1,204"), r"row 7, column value: '1,204' is no number"),
        (faulty(date="2021"), r"row 7, column date: '2021' is no date"),
        (faulty(date="06/02/2021"), r"row 7, column date: '06/02/2021' is no date; write dates as 2021-01-30"),
        (faulty(date="2021-02-30"), r"row 7, column date: '2021-02-30' is no date"),
        (faulty(date="0021-02-06"), r"'0021-02-06' is not between the years 1700 and 2200"),
        (faulty(date="2021-02-06 14:30"), r"'2021-02-06 14:30' is no date"),
        (faulty(date=""), r"row 7, column date: '' is no date"),
        (faulty(series=""), r"row 7, column series: '' names no series"),
        (faulty(date="2021-02-07"), r"series 'a': 2021-02-07 is a Sunday, other weeks have a Saturday"),
        (long().drop(index=[7, 8]), r"no row for 2021-02-20 and 1 more, expected after row 8"),
        (long().drop(index=[11]), r"series 'a' has no row for 2021-03-20"),
        (long().drop(index=range(12, 18)), r"series 'b' has 6 values, a forecast needs 8"),
        (long().assign(notes="x"), r"row 2, column notes: 'x' is no number; .*or remove the column"),
        (long().assign(date=[*WEEKS, *SUNDAYS]), r"'a' has dates of frequency W-SAT, series 'b' of W-SUN"),
        (long().assign(date=[*WEEKS, *DAYS]), r"'a' has dates of frequency W-SAT, series 'b' of D"),
        (pd.DataFrame({"date": WEEKS, "ak": "1", "al": ["1"] * 3 + ["?"] * 9}), r"row 5, column al: '\?' is no number"),
        (hub().assign(target=["x", "y"] * 12), r"column target: 2 kinds of rows: x, y; keep the rows of one"),
        (hub().assign(as_of=WEEKS * 2), r"column as_of: 12 kinds of rows"),
        (
            long().assign(date=[f"{d:%Y-%m-%d}" for d in pd.date_range("2020-01-31", periods=12, freq="ME")] * 2),
            r"31 days apart",
        ),
    ],
)
def test_a_faulty_table_is_refused_in_one_line(table: pd.DataFrame, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        panel_of_table(table, "t.csv")
    assert "\n" not in str(caught.value)


def test_files_that_are_no_tables_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("série,date,value\n\xe9".encode("latin-1"))
    (tmp_path / "empty.csv").write_text("")
    for name, words in (
        ("none.csv", "does not exist"),
        (".", "is a folder"),
        ("latin.csv", "UTF-8"),
        ("empty.csv", "not a readable"),
    ):
        with pytest.raises(DataError, match=words):
            read_panel(tmp_path / name)


def test_days_are_summed_to_whole_weeks_that_end_on_the_last_day() -> None:
    days = pd.date_range("2021-01-01", periods=60)
    panel = panel_of_table(pd.DataFrame({"date": [f"{d:%Y-%m-%d}" for d in days], "value": ["1"] * 60}))
    weekly = to_weekly(panel)
    assert panel.attrs["frequency"] == "D"
    assert weekly.sizes["time"] == 8
    assert (weekly["value"] == 7).all()
    assert weekly["time"].to_numpy()[-1] == days[-1].to_numpy()


def test_origins_are_the_last_all_or_named_dates() -> None:
    panel = panel_of_table(long())
    assert choose_origins(panel, "last") == [11]
    assert choose_origins(panel, "all") == [7, 8, 9, 10, 11]
    assert choose_origins(panel, f"{WEEKS[9]}, {WEEKS[8]}") == [8, 9]
    with pytest.raises(DataError, match=f"near it: {WEEKS[4]}, {WEEKS[5]}"):
        choose_origins(panel, "2021-02-03")
    with pytest.raises(DataError, match="3 points up to it"):
        choose_origins(panel, WEEKS[2])


def forecast() -> xr.Dataset:
    values = np.sort(np.random.default_rng(0).gamma(2, 50, (2, 1, 3, 23)), axis=-1)
    coords = {
        "series": ["a", "b"],
        "origin": np.array(["2021-03-20"], "datetime64[ns]"),
        "horizon": [1, 2, 3],
        "quantile": list(LEVELS),
    }
    return xr.Dataset(
        {"forecast": (("series", "origin", "horizon", "quantile"), values)}, coords, {"frequency": "W-SAT"}
    )


def test_forecasts_become_a_long_table_with_dates() -> None:
    table = forecast_table(forecast())
    assert list(table) == ["series", "origin", "horizon", "date", "quantile", "value"]
    assert len(table) == 2 * 3 * 23
    assert table["date"].iloc[-1] == "2021-04-10"


def test_forecasts_become_the_hubs_table() -> None:
    table = hub_table(forecast())
    assert {"output_type", "output_type_id", "target_end_date", "location"} <= set(table)
    assert set(table["output_type"]) == {"quantile"}


def test_a_table_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    assert len(pd.read_csv(write_table(forecast_table(forecast()), tmp_path / "out.csv"))) == 138
    with pytest.raises(DataError, match="cannot be written"):
        write_table(forecast_table(forecast()), tmp_path / "no" / "out.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv"]
