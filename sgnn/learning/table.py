"""Tables in and out: a user's file to a panel, forecasts to a long table or the hub's format.

Every fault of a file is one line that names file, row, column, value and remedy; nothing is guessed.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sgnn.errors import DataError
from sgnn.learning.panel import LEAST_POINTS, choose_origins, frequency_of

__all__ = ["choose_origins", "forecast_table", "hub_table", "panel_of_table", "read_panel", "write_table"]

COLUMNS = ("series", "date", "value")
_HUB_DATES = ("target_end_date", "date", "time_value")
_HUB_VALUES = ("observation", "value", "oracle_value")


def read_panel(path: str | Path) -> xr.Dataset:
    """Panel of a CSV file: long (``series,date,value`` and covariates), wide, or hub target data.

    Raises `DataError` in one line.
    """
    place = Path(path)
    if not place.is_file():
        what = "is a folder" if place.is_dir() else "does not exist"
        raise DataError(f"{place} {what}", remedy="name a CSV file with the columns series,date,value")
    try:
        table = pd.read_csv(place, dtype=str, keep_default_na=False, skipinitialspace=True)
    except UnicodeDecodeError as error:
        raise DataError(f"{place} is not UTF-8 text", remedy="save it as UTF-8 CSV") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error) as error:
        raise DataError(
            f"{place} is not a readable CSV table: {str(error).strip()}", remedy="save it as comma-separated text"
        ) from error
    return panel_of_table(table, str(place))


def panel_of_table(table: pd.DataFrame, source: str = "table") -> xr.Dataset:
    """Panel of a table in one of the formats of `read_panel`. Raises `DataError`, naming ``source``, row and column."""
    long = _long(table.rename(columns=lambda name: str(name).strip()), source)
    covariates = [str(name) for name in long.columns if name not in COLUMNS]
    if long.empty:
        raise DataError(f"{source} has no rows", remedy="give at least one series")
    long["date"] = _dates(long["date"], source)
    for name in ("value", *covariates):
        long[name] = _numbers(long[name], source, name)
    again = long.duplicated(["series", "date"], keep="first")
    if again.any():
        row = int(np.flatnonzero(again)[0])
        one = long.iloc[row]
        raise DataError(
            f"{source} row {row + 2}: series '{one['series']}' has {one['date']:%Y-%m-%d} twice",
            remedy="remove one of the rows",
        )
    return _panel(long, covariates, source)


def forecast_table(forecast: xr.Dataset) -> pd.DataFrame:
    """Long table ``series, origin, horizon, date, quantile, value`` of a forecast dataset."""
    values = forecast["forecast"].transpose("series", "origin", "horizon", "quantile")
    index = pd.MultiIndex.from_product([values[name].to_numpy() for name in values.dims], names=list(values.dims))
    flat = pd.DataFrame({"value": np.round(values.to_numpy().reshape(-1), 3)}, index=index).reset_index()
    days = 1 if forecast.attrs.get("frequency") == "D" else 7
    flat["date"] = pd.to_datetime(flat["origin"]) + pd.to_timedelta(flat["horizon"] * days, unit="D")
    flat["origin"] = pd.to_datetime(flat["origin"]).dt.strftime("%Y-%m-%d")
    flat["date"] = flat["date"].dt.strftime("%Y-%m-%d")
    return flat[["series", "origin", "horizon", "date", "quantile", "value"]]


def hub_table(forecast: xr.Dataset, target: str = "wk inc death") -> pd.DataFrame:
    """Table in the hubverse model-output format: one row a location, horizon and quantile."""
    long = forecast_table(forecast)
    return pd.DataFrame(
        {
            "origin_date": long["origin"],
            "target": target,
            "horizon": long["horizon"],
            "location": long["series"],
            "target_end_date": long["date"],
            "output_type": "quantile",
            "output_type_id": long["quantile"],
            "value": long["value"],
        }
    )


def write_table(table: pd.DataFrame, path: str | Path) -> Path:
    """Write a CSV (or Parquet, by its ending) that appears whole or not at all. Raises `DataError`."""
    place = Path(path)
    staging = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        if place.suffix == ".parquet":
            table.to_parquet(staging, index=False)
        else:
            table.to_csv(staging, index=False)
        os.replace(staging, place)
    except OSError as error:
        staging.unlink(missing_ok=True)
        raise DataError(
            f"{place} cannot be written: {error.strerror or error}",
            remedy="name a file in a folder that exists and can be written",
        ) from error
    return place


def _long(table: pd.DataFrame, source: str) -> pd.DataFrame:
    names = list(table.columns)
    if set(COLUMNS) <= set(names):
        return table.copy()
    location = next((name for name in ("location", "location_name") if name in names), None)
    date = next((name for name in _HUB_DATES if name in names), None)
    value = next((name for name in _HUB_VALUES if name in names), None)
    if location and date and value:
        targets = sorted(set(table["target"])) if "target" in names else []
        if len(targets) > 1:
            raise DataError(
                f"{source} holds {len(targets)} targets: {', '.join(targets[:5])}", remedy="keep the rows of one target"
            )
        return pd.DataFrame({"series": table[location], "date": table[date], "value": table[value]})
    if names and names[0] == "date" and len(names) > 1:
        if names == ["date", "value"]:
            return pd.DataFrame({"series": "series", "date": table["date"], "value": table["value"]})
        wide = (
            table.reset_index()
            .melt(["index", "date"], var_name="series", value_name="value")
            .sort_values(["series", "index"])
        )
        return wide[list(COLUMNS)].reset_index(drop=True)
    raise DataError(
        f"{source} has the columns {', '.join(map(str, names[:6])) or 'none'}",
        remedy="expected series,date,value (long), date and a column a series (wide), or hub target data",
    )


def _dates(column: pd.Series[str], source: str) -> pd.Series[pd.Timestamp]:
    dates = pd.to_datetime(column, format="ISO8601", errors="coerce")
    if dates.isna().any():
        row = int(np.flatnonzero(dates.isna())[0])
        raise DataError(
            f"{source} row {row + 2}, column date: '{column.iloc[row]}' is no date", remedy="write dates as 2021-01-30"
        )
    return dates


def _numbers(column: pd.Series[str], source: str, name: str) -> pd.Series[float]:
    empty = column.isna() | column.astype(str).str.strip().str.upper().isin(["", "NA", "NAN"])
    numbers = pd.to_numeric(column.where(~empty), errors="coerce").astype(float)
    for bad, what in (
        (numbers.isna() & ~empty, "is no number"),
        (numbers < 0, "is negative"),
        (np.isinf(numbers), "is infinite"),
    ):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise DataError(
                f"{source} row {row + 2}, column {name}: '{column.iloc[row]}' {what}",
                remedy="write a count, or leave it empty where none was made",
            )
    return numbers


def _panel(long: pd.DataFrame, covariates: Sequence[str], source: str) -> xr.Dataset:
    dates = pd.DatetimeIndex(sorted(long["date"].unique()))
    if len(dates) < LEAST_POINTS:
        raise DataError(
            f"{source} has {len(dates)} dates, a forecast needs {LEAST_POINTS}", remedy="give a longer series"
        )
    try:
        frequency = frequency_of(dates)
    except DataError as error:
        raise DataError(f"{source}: {error}") from error
    calendar = pd.date_range(dates[0], dates[-1], freq="D" if frequency == "D" else "7D")
    series = list(dict.fromkeys(long["series"].astype(str)))
    for name, own in long.groupby("series", sort=False)["date"]:
        expected = calendar[(calendar >= own.min()) & (calendar <= calendar[-1])]
        gap = expected.difference(pd.DatetimeIndex(own))
        if len(gap):
            more = f" and {len(gap) - 1} more" if len(gap) > 1 else ""
            raise DataError(
                f"{source}: series '{name}' has no row for {gap[0]:%Y-%m-%d}{more}",
                remedy="add the row, its value empty where none was observed",
            )
    variables = {}
    for name in ("value", *covariates):
        wide = long.pivot(index="series", columns="date", values=name).reindex(index=series, columns=calendar)
        variables[name] = (("series", "time"), wide.to_numpy(dtype=float))
    few = [
        one
        for one, row in zip(series, np.isfinite(variables["value"][1]).sum(axis=1), strict=True)
        if row < LEAST_POINTS
    ]
    if few:
        raise DataError(
            f"{source}: series '{few[0]}' has fewer than {LEAST_POINTS} values",
            remedy="leave it out or give more of it",
        )
    attributes = {"frequency": frequency, "source": source}
    return xr.Dataset(variables, coords={"series": series, "time": calendar.to_numpy()}, attrs=attributes)
