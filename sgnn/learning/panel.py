"""The panel: several series on one calendar, as an xarray dataset.

Dimensions (series, time); the variable ``value`` and covariates by name, NaN where missing; ``time`` as dates; the
attribute ``frequency`` as pandas writes it ("W-SAT", "D").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sgnn.errors import DataError

LEAST_POINTS = 8
"""Fewest values of a series that a forecast is made from."""
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def frequency_of(dates: pd.DatetimeIndex) -> str:
    """Weekly ("W-SAT", …) or daily ("D"), from at least two dates in order; dates may be absent.

    Raises `DataError` for anything else: for weekly dates of which one is off, it names that one.
    """
    steps = np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(int)
    if len(steps) and (steps % 7 == 0).all():
        return weekly(dates[0])
    common = int(np.median(steps)) if len(steps) else 0
    if common == 1:
        return "D"
    if common == 7:
        usual = int(np.bincount(dates.day_of_week, minlength=7).argmax())
        odd = dates[np.flatnonzero(dates.day_of_week != usual)[0]]
        name = pd.Timestamp(2024, 1, 1 + usual).day_name()
        raise DataError(
            f"{odd:%Y-%m-%d} is a {odd.day_name()}, other weeks have a {name}",
            remedy="give all weekly dates on the same weekday",
        )
    raise DataError(
        f"dates are {common} days apart, from {dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}",
        remedy="give weekly dates (all on the same weekday) or daily ones",
    )


def weekly(day: pd.Timestamp) -> str:
    """Frequency of weeks that end on that day's weekday, such as "W-SAT"."""
    return f"W-{_WEEKDAYS[day.day_of_week]}"


def step_days(frequency: str) -> int:
    """Days from one time to the next."""
    return 1 if frequency == "D" else 7


def to_weekly(panel: xr.Dataset) -> xr.Dataset:
    """Sums of whole weeks that end on the panel's last day, of every variable. Weekly panels are given back.

    An incomplete first week is left out, and a week that lacks a day is missing; the attribute ``note`` says so in
    words. Raises `DataError` where fewer than eight weeks are whole.
    """
    if panel.attrs["frequency"] != "D":
        return panel
    days = panel.sizes["time"]
    if days < 7 * LEAST_POINTS:
        raise DataError(
            f"{days} days are {days // 7} whole weeks, a forecast needs {LEAST_POINTS}", remedy="give a longer series"
        )
    kept = panel.isel(time=slice(days % 7, None))
    weeks = {
        str(name): (("series", "time"), _sums(values.transpose("series", "time").to_numpy()))
        for name, values in kept.data_vars.items()
    }
    ends = kept["time"].to_numpy()[6::7]
    lacking = int(np.isnan(weeks["value"][1]).sum())
    note = f"daily counts summed to weeks that end on a {pd.Timestamp(ends[-1]).day_name()}"
    note += f"; the first {days % 7} days, no whole week, are left out" if days % 7 else ""
    note += f"; {lacking} weeks lack a day and are missing" if lacking else ""
    attributes = {**panel.attrs, "frequency": weekly(pd.Timestamp(ends[-1])), "summed_from": "D", "note": note}
    return xr.Dataset(weeks, coords={"series": kept["series"].to_numpy(), "time": ends}, attrs=attributes)


def channels_of(panel: xr.Dataset, names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Arrays (series, time) by name: the panel's ``value`` under the first one, further ones as NaN where absent."""
    empty = np.full((panel.sizes["series"], panel.sizes["time"]), np.nan, dtype=np.float32)
    columns = {name: name if at else "value" for at, name in enumerate(names)}
    return {
        name: panel[column].transpose("series", "time").to_numpy().astype(np.float32) if column in panel else empty
        for name, column in columns.items()
    }


def choose_origins(panel: xr.Dataset, wanted: str, least_context: int = LEAST_POINTS) -> list[int]:
    """Indices of the last time seen: of ``last``, of ``all`` times that can be, or of dates with commas between.

    A time can be an origin where every series has ``least_context`` values up to it: a forecast of a series without a
    past would look like any other. Raises `DataError` for a date that is not in the data, naming the nearest ones, or
    has too little before it.
    """
    counts = np.isfinite(panel["value"].transpose("series", "time").to_numpy()).cumsum(axis=1)
    possible = [int(time) for time in np.flatnonzero(counts.min(axis=0) >= least_context)]
    if not possible:
        series = panel["series"].to_numpy()[counts[:, -1].argmin()]
        raise DataError(
            f"series '{series}' has {counts[:, -1].min()} values, a forecast needs {least_context}",
            remedy="leave it out or give more of it",
        )
    if wanted == "last":
        return [panel.sizes["time"] - 1]
    if wanted == "all":
        return possible
    dates = [f"{pd.Timestamp(time):%Y-%m-%d}" for time in panel["time"].to_numpy()]
    origins = []
    for text in (part.strip() for part in wanted.split(",")):
        if text not in dates:
            raise DataError(
                f"origin '{text}' is no date of the data, which run from {dates[0]} to {dates[-1]}",
                remedy=f"near it: {', '.join(_nearest(text, dates))}; or say last, or all",
            )
        index = dates.index(text)
        if index not in possible:
            least = int(counts[:, index].argmin())
            raise DataError(
                f"origin {text}: series '{panel['series'].to_numpy()[least]}' has {counts[least, index]} points up to "
                f"it, a forecast needs {least_context}",
                remedy=f"earliest possible: {dates[possible[0]]}",
            )
        origins.append(index)
    return sorted(set(origins))


def _sums(daily: np.ndarray) -> np.ndarray:
    """Sums (series, week) of whole weeks of days (series, day)."""
    return np.asarray(daily.reshape(len(daily), -1, 7).sum(axis=2))


def _nearest(text: str, dates: list[str]) -> list[str]:
    """The two dates nearest to a text, which may be none."""
    wanted = pd.to_datetime(text, format="ISO8601", errors="coerce")
    if pd.isna(wanted):
        return dates[-2:]
    return sorted(sorted(dates, key=lambda date: abs(pd.Timestamp(date) - wanted))[:2])
