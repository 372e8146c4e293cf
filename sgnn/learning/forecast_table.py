"""Forecasts to tables: a long one, or the format of the forecast hubs; written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from sgnn.errors import DataError
from sgnn.files import whole
from sgnn.learning.panel import step_days

DIGITS = 3
"""Decimals of a forecast value: counts need none, small rates a few."""


def forecast_table(forecast: xr.Dataset) -> pd.DataFrame:
    """Long table ``series, origin, horizon, date, quantile, value`` of a forecast dataset.

    ``forecast`` has the dimensions (series, origin, horizon, quantile), rising levels, and the attribute ``frequency``.
    Values are rounded, not negative, and do not fall along the quantiles. Raises `DataError` for one that is not
    finite, naming series and origin.
    """
    values = forecast["forecast"].transpose("series", "origin", "horizon", "quantile")
    quantiles = values.to_numpy()
    if not np.isfinite(quantiles).all():
        at, time, *_ = np.argwhere(~np.isfinite(quantiles))[0]
        series, origin = forecast["series"].to_numpy()[at], pd.Timestamp(forecast["origin"].to_numpy()[time])
        raise DataError(
            f"the model gave no finite forecast of series '{series}' from {origin:%Y-%m-%d}",
            remedy="look at the values before that date",
        )
    written = np.round(np.maximum.accumulate(np.maximum(quantiles, 0.0), axis=-1), DIGITS)
    index = pd.MultiIndex.from_product([values[name].to_numpy() for name in values.dims], names=list(values.dims))
    flat = pd.DataFrame({"value": written.reshape(-1)}, index=index).reset_index()
    origins = pd.to_datetime(flat["origin"])
    ahead = pd.to_timedelta(flat["horizon"] * step_days(forecast.attrs.get("frequency", "W")), unit="D")
    flat["origin"] = origins.dt.strftime("%Y-%m-%d")
    flat["date"] = (origins + ahead).dt.strftime("%Y-%m-%d")
    return flat[["series", "origin", "horizon", "date", "quantile", "value"]]


def with_typicality(
    table: pd.DataFrame, forecast: xr.Dataset, by_origin: Sequence[NDArray[np.float64]]
) -> pd.DataFrame:
    """A long table with the column ``typicality``: of each series (series,) at each origin, empty without one."""
    rows = len(table) // max(forecast.sizes["series"] * forecast.sizes["origin"], 1)
    if not by_origin:
        return table.assign(typicality=np.nan)
    return table.assign(typicality=np.repeat(np.round(np.stack(by_origin, axis=1), 4).reshape(-1), rows))


def hub_table(forecast: xr.Dataset, target: str = "wk inc death") -> pd.DataFrame:
    """Table in the hubverse model-output format: one row a location, horizon and quantile.

    Task columns by the names that the hubverse suggests: ``target_end_date`` is ``origin_date`` and ``horizon`` steps.
    Source: hubverse user guide, "Model output".
    """
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
    """Write a CSV or Parquet file, by its ending, that appears whole or not at all. Raises `DataError`."""
    place = Path(path)
    if place.suffix not in (".csv", ".parquet"):
        raise DataError(f"{place} ends neither in .csv nor in .parquet", remedy="name the file with one of them")
    try:
        with whole(place) as draft:
            if place.suffix == ".parquet":
                table.to_parquet(draft, index=False)
            else:
                table.to_csv(draft, index=False)
    except OSError as error:
        raise DataError(
            f"{place} cannot be written: {error.strerror or error}",
            remedy="name a file in a folder that exists and can be written",
        ) from error
    return place
