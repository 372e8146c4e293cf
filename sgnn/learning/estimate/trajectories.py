"""Time paths and draws of the joint posterior as tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from sgnn.errors import DataError
from sgnn.learning.panel import step_days

PATH_COLUMNS = ("series", "path", "unit", "date", "quantile", "value")
_FIGURES = 5
_SHOWN = (0.05, 0.5, 0.95)


def path_table(answers: xr.Dataset) -> pd.DataFrame:
    """Table ``series, path, unit, date, quantile, value`` of what `predict.estimate` reads off step by step.

    Steps after the end of a series have no rows. Raises `DataError` where the model reads off no paths.
    """
    if "trajectory" not in answers:
        raise DataError("the model reads no time paths off a series", remedy="set `paths` in model.settings")
    flat = answers["trajectory"].rename("value").to_dataframe().reset_index().dropna(subset="value")
    step = pd.Timedelta(days=step_days(str(answers.attrs["frequency"])))
    flat["date"] = (pd.to_datetime(flat["start"]) + flat["time"] * step).dt.strftime("%Y-%m-%d")
    flat["value"] = [float(f"{value:.{_FIGURES}g}") for value in flat["value"]]
    order = {name: at for at, name in enumerate(answers["series"].to_numpy())}
    keys = {"series": flat["series"].map(order), "path": flat["path"], "date": flat["date"], "q": flat["quantile"]}
    rows = pd.DataFrame(keys).sort_values(["series", "path", "date", "q"], kind="stable").index
    return flat.rename(columns={"path_unit": "unit"}).loc[rows, list(PATH_COLUMNS)].reset_index(drop=True)


def path_document(answers: xr.Dataset, row: int) -> dict[str, Any]:
    """Paths of one series by name: unit, date of the first step, medians and 90 % intervals; empty without paths."""
    if "trajectory" not in answers:
        return {}
    found = {}
    for path in answers["path"].to_numpy():
        values = answers["trajectory"].isel(series=row).sel(path=path)
        known = np.isfinite(values.sel(quantile=0.5).to_numpy())
        quantiles = {
            f"{level:g}": [float(f"{value:.{_FIGURES}g}") for value in values.sel(quantile=level).to_numpy()[known]]
            for level in _SHOWN
        }
        first = pd.Timestamp(answers["start"].to_numpy()[row])
        about = {"unit": str(values["path_unit"].item()), "first": f"{first:%Y-%m-%d}"}
        found[str(path)] = {**about, "quantiles": quantiles}
    return found


def draws_table(draws: xr.Dataset) -> pd.DataFrame:
    """Table with a row a draw: ``series, draw`` and a column a parameter, of what `predict.posterior_draws` gives."""
    series, parameters = draws["series"].to_numpy(), draws["parameter"].to_numpy()
    values = draws["value"].transpose("series", "draw", "parameter").to_numpy()
    number = values.shape[1]
    flat = values.reshape(-1, len(parameters))
    columns = {str(name): [float(f"{one:.{_FIGURES}g}") for one in flat[:, at]] for at, name in enumerate(parameters)}
    return pd.DataFrame(
        {"series": np.repeat(series, number), "draw": np.tile(np.arange(number), len(series)), **columns}
    )
