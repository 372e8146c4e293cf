"""A user's table to a panel: long, wide, or hub target data, by their columns.

Every fault is one line that names file, row, column, value and remedy; nothing is guessed, nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from sgnn.errors import DataError
from sgnn.learning.csv_file import read_csv_file
from sgnn.learning.forecast_table import forecast_table, hub_table, with_typicality, write_table
from sgnn.learning.panel import LEAST_POINTS, choose_origins, frequency_of, step_days

__all__ = [
    "choose_origins",
    "forecast_table",
    "hub_table",
    "panel_of_table",
    "read_panel",
    "with_typicality",
    "write_table",
]

COLUMNS = ("series", "date", "value")
ONLY_SERIES = "series"
"""Name of the series of a table that has but one and does not name it."""
_HUB_LOCATIONS = ("location", "location_name")
_HUB_DATES = ("target_end_date", "date", "time_value")
_HUB_VALUES = ("observation", "value", "oracle_value")
_HUB_SINGLE = ("target", "as_of", "output_type")
_DATE = r"\d{4}-\d{2}-\d{2}(?:[ T]00:00(?::00(?:\.0+)?)?)?"
_MISSING = ("", "NA", "NAN", "NAT", "NONE", "<NA>")


@dataclass(frozen=True)
class _Columns:
    """Which columns hold what: ``values`` maps a variable of the panel to its column; empty in a wide table."""

    date: str
    series: str | None = None
    values: tuple[tuple[str, str], ...] = ()


def read_panel(path: str | Path) -> xr.Dataset:
    """Panel of a CSV file in one of three formats.

    Long: ``series,date,value`` and any covariates (without ``series``: one series). Wide: ``date`` first, then a column
    a series. Hubverse target data: ``location``, ``target_end_date`` or ``date``, ``observation`` or ``value``.
    Raises `DataError` in one line.
    """
    return _panel_of(read_csv_file(path), str(path))


def panel_of_table(table: pd.DataFrame, source: str = "table") -> xr.Dataset:
    """Panel of a table in one of the formats of `read_panel`, its rows counted from 2, as in a file with a heading.

    Raises `DataError`, naming ``source``, row and column.
    """
    text = table.astype(object).where(table.notna(), "").astype(str)
    text = text.rename(columns=lambda name: str(name).strip()).set_axis(range(2, len(table) + 2), axis=0)
    return _panel_of(text.apply(lambda column: column.str.strip()), source)


def _panel_of(table: pd.DataFrame, source: str) -> xr.Dataset:
    columns = _columns(table, source)
    if table.empty:
        raise DataError(f"{source} has no rows", remedy="give at least one series")
    long = _long(table, columns, source)
    again = long.duplicated(["series", "date"], keep="first")
    if again.any():
        row = int(np.flatnonzero(again)[0])
        one = long.iloc[row]
        raise DataError(
            f"{source} row {long.index[row]}: series '{one['series']}' has {one['date']:%Y-%m-%d} twice",
            remedy="remove one of the rows",
        )
    return _panel(long, source)


def _columns(table: pd.DataFrame, source: str) -> _Columns:
    """Tell the format by its columns. Raises `DataError` for none of them, or hub data of more than one target."""
    names = [str(name) for name in table.columns]
    location, date, value = (_first(names, known) for known in (_HUB_LOCATIONS, _HUB_DATES, _HUB_VALUES))
    if set(COLUMNS) <= set(names):
        return _Columns("date", "series", (("value", "value"), *_covariates(names)))
    if location and date and value:
        for name in (name for name in _HUB_SINGLE if name in names):
            kinds = list(dict.fromkeys(table[name]))
            if len(kinds) > 1:
                raise DataError(
                    f"{source}, column {name}: {len(kinds)} kinds of rows: {', '.join(kinds[:5])}",
                    remedy="keep the rows of one",
                )
        return _Columns(date, location, (("value", value),))
    if {"date", "value"} <= set(names):
        return _Columns("date", None, (("value", "value"), *_covariates(names)))
    if len(names) > 1 and names[0] == "date":
        return _Columns("date")
    shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
    raise DataError(
        f"{source} has the columns {shown or 'none'}",
        remedy="expected series,date,value (long), date and a column a series (wide), or hub target data",
    )


def _first(names: Sequence[str], known: Sequence[str]) -> str | None:
    return next((name for name in known if name in names), None)


def _covariates(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names if name not in COLUMNS)


def _long(table: pd.DataFrame, columns: _Columns, source: str) -> pd.DataFrame:
    """Columns series, date, value and covariates as what they mean; the index is still the row in the file."""
    dates = _dates(table[columns.date], source, columns.date)
    if not columns.values:
        parts = [
            pd.DataFrame({"series": name, "date": dates, "value": _numbers(table[name], source, name)})
            for name in map(str, table.columns)
            if name != columns.date
        ]
        return pd.concat(parts)
    if columns.series is None:
        series = pd.Series(ONLY_SERIES, index=table.index)
    else:
        series = table[columns.series]
        nameless = np.flatnonzero(series == "")
        if len(nameless):
            raise DataError(
                f"{source} row {series.index[int(nameless[0])]}, column {columns.series}: '' names no series",
                remedy="write the series' name",
            )
    numbers = {name: _numbers(table[column], source, column) for name, column in columns.values}
    return pd.DataFrame({"series": series, "date": dates, **numbers})


def _dates(column: pd.Series[str], source: str, name: str) -> pd.Series[pd.Timestamp]:
    written = column.where(column.str.fullmatch(_DATE), "")
    dates = pd.to_datetime(written.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
    inside = dates.dt.year.between(1700, 2200)
    for bad, what in ((dates.isna(), "is no date"), (~inside, "is not between the years 1700 and 2200")):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise DataError(
                f"{source} row {column.index[row]}, column {name}: '{column.iloc[row]}' {what}",
                remedy="write dates as 2021-01-30",
            )
    return dates.astype("datetime64[ns]")


def _numbers(column: pd.Series[str], source: str, name: str) -> pd.Series[float]:
    empty = column.str.upper().isin(_MISSING)
    numbers = pd.to_numeric(column.where(~empty), errors="coerce").astype(float)
    for bad, what in (
        (numbers.isna() & ~empty, "is no number"),
        (numbers < 0, "is negative"),
        (np.isinf(numbers), "is infinite"),
    ):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise DataError(
                f"{source} row {column.index[row]}, column {name}: '{column.iloc[row]}' {what}",
                remedy="write a count, leave it empty where none was made, or remove the column",
            )
    return numbers


def _panel(long: pd.DataFrame, source: str) -> xr.Dataset:
    dates = pd.DatetimeIndex(sorted(long["date"].unique()))
    if len(dates) < LEAST_POINTS:
        raise DataError(
            f"{source} has {len(dates)} dates, a forecast needs {LEAST_POINTS}", remedy="give a longer series"
        )
    parts = {str(name): part["date"].sort_values() for name, part in long.groupby("series", sort=False)}
    counts = long.groupby("series", sort=False)["value"].count()
    if counts.min() < LEAST_POINTS:
        raise DataError(
            f"{source}: series '{counts.idxmin()}' has {counts.min()} values, a forecast needs {LEAST_POINTS}",
            remedy="leave it out or give more of it",
        )
    frequency = _frequency(parts, source)
    calendar = pd.date_range(dates[0], dates[-1], freq=f"{step_days(frequency)}D")
    for name, own in parts.items():
        _require_all(own, calendar, name, source)
    rows = pd.Index(list(parts)).get_indexer(pd.Index(long["series"]))
    times = calendar.get_indexer(pd.DatetimeIndex(long["date"]))
    variables = {}
    for name in map(str, long.columns.difference(["series", "date"], sort=False)):
        values = np.full((len(parts), len(calendar)), np.nan)
        values[rows, times] = long[name]
        variables[name] = (("series", "time"), values)
    attributes = {"frequency": frequency, "source": source}
    return xr.Dataset(variables, coords={"series": list(parts), "time": calendar.to_numpy()}, attrs=attributes)


def _frequency(parts: dict[str, pd.Series[pd.Timestamp]], source: str) -> str:
    """The one frequency of all series. Raises `DataError` naming the series that differ."""
    found: dict[str, str] = {}
    for name, own in parts.items():
        try:
            found.setdefault(frequency_of(pd.DatetimeIndex(own)), name)
        except DataError as error:
            raise DataError(f"{source}: series '{name}': {error.message}", remedy=error.remedy) from error
    if len(found) > 1:
        (one, first), (other, second) = list(found.items())[:2]
        raise DataError(
            f"{source}: series '{first}' has dates of frequency {one}, series '{second}' of {other}",
            remedy="give all series the same dates, or files of their own",
        )
    return next(iter(found))


def _require_all(own: pd.Series[pd.Timestamp], calendar: pd.DatetimeIndex, name: str, source: str) -> None:
    """Raise `DataError` where a series lacks a date between its first one and the table's last one."""
    gap = calendar[calendar >= own.iloc[0]].difference(pd.DatetimeIndex(own))
    if len(gap):
        before = own.index[int(own.searchsorted(gap[0])) - 1]
        more = f" and {len(gap) - 1} more" if len(gap) > 1 else ""
        raise DataError(
            f"{source}: series '{name}' has no row for {gap[0]:%Y-%m-%d}{more}, expected after row {before}",
            remedy="add the row, its value empty where none was observed",
        )
