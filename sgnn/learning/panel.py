"""The panel: several series on one calendar, as an xarray dataset.

Dimensions (series, time); the variable ``value`` and covariates by name, NaN where missing; ``time`` as dates; the
attribute ``frequency`` as pandas writes it ("W-SAT", "D").
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from sgnn.errors import DataError

LEAST_POINTS = 8
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def frequency_of(dates: pd.DatetimeIndex) -> str:
    """Weekly ("W-SAT", …) or daily ("D"), from dates in order. Raises `DataError` for anything else."""
    steps = np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(int)
    if len(steps) and (steps % 7 == 0).all():
        return f"W-{_WEEKDAYS[dates[0].day_of_week]}"
    if len(steps) and steps.min() == 1:
        return "D"
    common = int(np.median(steps)) if len(steps) else 0
    raise DataError(
        f"dates are {common} days apart, from {dates[0]:%Y-%m-%d} to {dates[-1]:%Y-%m-%d}",
        remedy="give weekly dates (all on the same weekday) or daily ones",
    )


def to_weekly(panel: xr.Dataset) -> xr.Dataset:
    """Sums of whole weeks that end on the panel's last day; a week lacking a day is missing. Weekly panels stay."""
    if panel.attrs["frequency"] != "D":
        return panel
    days = panel.sizes["time"]
    if days < 7 * LEAST_POINTS:
        raise DataError(
            f"{days} days are {days // 7} whole weeks, a forecast needs {LEAST_POINTS}", remedy="give a longer series"
        )
    kept = panel.isel(time=slice(days % 7, None))
    weeks = {
        name: (("series", "time"), values.to_numpy().reshape(kept.sizes["series"], -1, 7).sum(axis=2))
        for name, values in kept.data_vars.items()
    }
    ends = kept["time"].to_numpy()[6::7]
    weekday = _WEEKDAYS[pd.Timestamp(ends[-1]).day_of_week]
    attributes = {**panel.attrs, "frequency": f"W-{weekday}", "summed_from": "D"}
    return xr.Dataset(weeks, coords={"series": kept["series"].to_numpy(), "time": ends}, attrs=attributes)


def choose_origins(panel: xr.Dataset, wanted: str, least_context: int = LEAST_POINTS) -> list[int]:
    """Indices of the last time seen: of ``last``, of ``all`` times with enough before them, or of dates with commas.

    Raises `DataError` for a date that is not in the data, naming the nearest ones, or has too little before it.
    """
    steps = panel.sizes["time"]
    if wanted == "last":
        return [steps - 1]
    if wanted == "all":
        return list(range(least_context - 1, steps))
    dates = [f"{pd.Timestamp(time):%Y-%m-%d}" for time in panel["time"].to_numpy()]
    origins = []
    for text in (part.strip() for part in wanted.split(",")):
        if text not in dates:
            raise DataError(
                f"origin '{text}' is no date of the data, which run from {dates[0]} to {dates[-1]}",
                remedy=f"near it: {', '.join(_nearest(text, dates))}; or say last, or all",
            )
        index = dates.index(text)
        if index < least_context - 1:
            raise DataError(
                f"origin {text} has {index + 1} points up to it, a forecast needs {least_context}",
                remedy=f"earliest possible: {dates[least_context - 1]}",
            )
        origins.append(index)
    return sorted(set(origins))


def _nearest(text: str, dates: list[str]) -> list[str]:
    """The two dates nearest to a text, which may be none."""
    wanted = pd.to_datetime(text, format="ISO8601", errors="coerce")
    if pd.isna(wanted):
        return dates[-2:]
    return sorted(sorted(dates, key=lambda date: abs(pd.Timestamp(date) - wanted))[:2])
