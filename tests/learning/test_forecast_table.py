"""Forecasts as tables: what every row of them obeys, and files that appear whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from sgnn.errors import DataError
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.forecast_table import forecast_table, hub_table, write_table


def forecast_of(values: np.ndarray, frequency: str = "W-SAT") -> xr.Dataset:
    series, origins, horizons, _ = values.shape
    coords = {
        "series": [f"{row:02d}" for row in range(series)],
        "origin": pd.date_range("2021-03-20", periods=origins, freq="7D").to_numpy(),
        "horizon": np.arange(1, horizons + 1),
        "quantile": list(LEVELS),
    }
    return xr.Dataset(
        {"forecast": (("series", "origin", "horizon", "quantile"), values)}, coords, {"frequency": frequency}
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), scale=st.sampled_from([0.01, 1.0, 1e6]))
def test_values_are_not_negative_and_do_not_fall_along_the_quantiles(seed: int, scale: float) -> None:
    values = np.random.default_rng(seed).normal(0, scale, (2, 2, 3, 23)).cumsum(axis=-1)
    table = forecast_table(forecast_of(values))
    assert (table["value"] >= 0).all()
    own = table.groupby(["series", "origin", "horizon"])
    assert (own["value"].diff().dropna() >= 0).all()
    assert (own["quantile"].diff().dropna() > 0).all()
    assert (own.size() == 23).all()


def test_ordered_values_are_only_rounded() -> None:
    values = np.sort(np.random.default_rng(0).gamma(2, 50, (2, 2, 3, 23)), axis=-1)
    table = forecast_table(forecast_of(values))
    np.testing.assert_allclose(table["value"].to_numpy(), values.reshape(-1), atol=0.0005)


@pytest.mark.parametrize(("frequency", "dates"), [("W-SAT", ["03-27", "04-03"]), ("D", ["03-21", "03-22"])])
def test_the_date_is_the_origin_and_as_many_steps_as_the_horizon(frequency: str, dates: list[str]) -> None:
    table = forecast_table(forecast_of(np.ones((1, 1, 2, 23)), frequency))
    assert table["date"].unique().tolist() == [f"2021-{date}" for date in dates]


def test_a_forecast_that_is_not_finite_is_refused_by_name() -> None:
    values = np.ones((2, 2, 2, 23))
    values[1, 0, 1, 5] = np.nan
    with pytest.raises(DataError, match="no finite forecast of series '01' from 2021-03-20"):
        forecast_table(forecast_of(values))


def test_the_hub_table_has_the_hubs_columns_and_the_same_values() -> None:
    forecast = forecast_of(np.sort(np.random.default_rng(1).gamma(2, 9, (2, 1, 2, 23)), axis=-1))
    long, hub = forecast_table(forecast), hub_table(forecast, "wk flu hosp")
    assert list(hub) == [
        *("origin_date", "target", "horizon", "location", "target_end_date"),
        *("output_type", "output_type_id", "value"),
    ]
    assert (hub["value"] == long["value"]).all()
    assert (hub["output_type_id"] == long["quantile"]).all()
    weeks = (pd.to_datetime(hub["target_end_date"]) - pd.to_datetime(hub["origin_date"])).dt.days / 7
    assert (weeks == hub["horizon"]).all()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_written_table_reads_back_the_same(tmp_path: Path, ending: str) -> None:
    table = forecast_table(forecast_of(np.sort(np.random.default_rng(2).gamma(2, 9, (2, 1, 2, 23)), axis=-1)))
    place = write_table(table, tmp_path / f"out.{ending}")
    read = pd.read_csv(place, dtype={"series": str}) if ending == "csv" else pd.read_parquet(place)
    pd.testing.assert_frame_equal(read, table)
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


def test_a_table_replaces_an_older_one_and_a_failure_leaves_it(tmp_path: Path) -> None:
    table = forecast_table(forecast_of(np.ones((1, 1, 1, 23))))
    place = write_table(table, tmp_path / "out.csv")
    before = place.read_bytes()
    (tmp_path / "folder.csv").mkdir()
    for name, words in (("folder.csv", "cannot be written"), ("out.xlsx", r"ends neither in \.csv nor in \.parquet")):
        with pytest.raises(DataError, match=words):
            write_table(table, tmp_path / name)
    with pytest.raises(pyarrow.ArrowInvalid):
        write_table(pd.DataFrame({"thing": [object()]}), tmp_path / "out.parquet")
    assert place.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "out.csv"]
