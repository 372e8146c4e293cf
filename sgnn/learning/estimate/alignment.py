"""A user's panel as the model has learnt to see series: in its own steps, from where it begins to count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sgnn.errors import DataError
from sgnn.learning.panel import step_days
from sgnn.simulation import Dimension

if TYPE_CHECKING:
    import xarray as xr

_STEPS = {"D": "day", "W": "week"}


def aligned(
    panel: xr.Dataset,
    dimension: Dimension,
    shortest: int,
    beside: tuple[str, ...] = (),
    from_first_count: bool = False,
    today: pd.Timestamp | None = None,
    weeks_as_days: bool = False,
) -> xr.Dataset:
    """The panel with each series counted from its own first step, no more steps than ``dimension`` has.

    Series begin at their first count above zero where ``from_first_count``. What is known ``beside`` a series is the
    mean of the column of that name. ``start`` (series,) is the date of the first step, the attribute ``note`` says what
    was left out. Counts by week are spread over their days where ``weeks_as_days``. Raises `DataError` for steps of
    another length, a series without a count above zero, one with fewer steps than the shortest learnt, and dates after
    ``today``.
    """
    import xarray as xr

    if today is not None:
        _require_past(panel, today)
    if weeks_as_days and dimension.unit == "day":
        panel = by_day(panel, beside)
    _require_steps(panel, dimension.unit)
    values = panel["value"].transpose("series", "time").to_numpy()
    ends = values.shape[1] - np.isfinite(values)[:, ::-1].argmax(axis=1)
    starts = _starts(values, ends, panel, shortest, from_first_count)
    steps = min(dimension.size, int((ends - starts).max()))
    given = {name: ("series", panel[name].mean("time").to_numpy()) for name in beside if name in panel}
    shifted = {
        str(name): (("series", "time"), _shifted(one.transpose("series", "time").to_numpy(), starts, steps))
        for name, one in panel.data_vars.items()
        if name not in beside
    }
    beyond = int((ends - starts > dimension.size).sum())
    note = (
        f"the first {dimension.size} {dimension.unit}s of {beyond} series are used, the rest is not" if beyond else ""
    )
    attributes = {**panel.attrs, **({"note": note} if note else {})}
    return xr.Dataset(
        {**shifted, **given},
        coords={
            "series": panel["series"].to_numpy(),
            "time": np.arange(steps),
            "start": ("series", panel["time"].to_numpy()[starts]),
        },
        attrs=attributes,
    )


def by_day(panel: xr.Dataset, beside: tuple[str, ...] = ()) -> xr.Dataset:
    """A panel by week as one by day: each of the seven days up to a date has a seventh of its count.

    What is known ``beside`` the series is repeated, not divided. A panel by day is given back.
    """
    import xarray as xr

    days = step_days(str(panel.attrs["frequency"]))
    if days == 1:
        return panel
    last = panel["time"].to_numpy().astype("datetime64[D]")
    dates = (last[:, None] - np.arange(days - 1, -1, -1)).ravel()
    spread = {
        str(name): (
            ("series", "time"),
            np.repeat(one.transpose("series", "time").to_numpy() / (1 if name in beside else days), days, axis=1),
        )
        for name, one in panel.data_vars.items()
    }
    coordinates = {"series": panel["series"].to_numpy(), "time": pd.DatetimeIndex(dates)}
    return xr.Dataset(spread, coords=coordinates, attrs={**panel.attrs, "frequency": "D"})


def _starts(
    values: np.ndarray, ends: np.ndarray, panel: xr.Dataset, shortest: int, from_first_count: bool
) -> np.ndarray:
    """Index of the first step (series,) of each."""
    source, names = panel.attrs.get("source", "table"), panel["series"].to_numpy()
    above = np.nan_to_num(values) > 0.0
    silent = np.flatnonzero(~above.any(axis=1))
    if len(silent):
        raise DataError(
            f"{source}: series '{names[silent[0]]}' has no count above zero",
            remedy="leave it out: nothing can be said of it",
        )
    counted = above if from_first_count else np.isfinite(values)
    starts = counted.argmax(axis=1)
    short = np.flatnonzero(ends - starts < shortest)
    if len(short):
        row = int(short[0])
        raise DataError(
            f"{source}: series '{names[row]}' has {ends[row] - starts[row]} steps from its first count on, the model "
            f"needs {shortest}",
            remedy="leave it out or give more of it",
        )
    return np.asarray(starts)


def _shifted(values: np.ndarray, starts: np.ndarray, steps: int) -> np.ndarray:
    """Values (series, step) from each series' own start on, NaN after its end."""
    padded = np.pad(values, ((0, 0), (0, steps)), constant_values=np.nan)
    return np.asarray(np.take_along_axis(padded, starts[:, None] + np.arange(steps), axis=1))


def _require_steps(panel: xr.Dataset, unit: str) -> None:
    given = _STEPS[str(panel.attrs["frequency"])[0]]
    if unit in _STEPS.values() and given != unit:
        raise DataError(
            f"{panel.attrs.get('source', 'table')} counts by {given}, the model learnt counts by {unit}",
            remedy=f"give counts by {unit}, or use a model that learnt counts by {given}",
        )


def _require_past(panel: xr.Dataset, today: pd.Timestamp) -> None:
    last = pd.Timestamp(panel["time"].to_numpy()[-1])
    if last > today:
        raise DataError(
            f"{panel.attrs.get('source', 'table')} has {last:%Y-%m-%d}, which is after today, {today:%Y-%m-%d}",
            remedy="remove what was not observed yet",
        )
