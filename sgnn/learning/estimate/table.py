"""Answers as a table: a row for each series, parameter and quantile."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

COLUMNS = ("series", "parameter", "unit", "quantile", "value", "typicality")
PROBABILITY = "probability of "
"""Begins the name of a row that holds the probability of a mechanism."""
_FIGURES = 5


def estimate_table(answers: xr.Dataset) -> pd.DataFrame:
    """Table ``series, parameter, unit, quantile, value, typicality`` of what `predict.estimate` gives.

    The probability of a mechanism is a row without a quantile. What further series alone tell, such as deaths, has no
    rows where there were none. ``typicality`` is empty for a model without a domain.
    """
    parts = []
    if "estimate" in answers:
        flat = answers["estimate"].rename("value").to_dataframe().reset_index().dropna(subset="value")
        parts.append(flat[["series", "parameter", "unit", "quantile", "value"]])
    if "probability" in answers:
        flat = answers["probability"].rename("value").to_dataframe().reset_index()
        named = PROBABILITY + flat["mechanism"].astype(str)
        parts.append(flat[["series", "value"]].assign(parameter=named, unit="1", quantile=np.nan))
    table = pd.concat(parts, ignore_index=True)
    table["value"] = [float(f"{value:.{_FIGURES}g}") for value in table["value"]]
    order = {name: at for at, name in enumerate(answers["series"].to_numpy())}
    typicality = answers["typicality"].to_numpy() if "typicality" in answers else np.full(len(order), np.nan)
    table["typicality"] = np.round(typicality[[order[name] for name in table["series"]]], 4)
    sorted_ = table.sort_values("series", key=lambda column: column.map(order), kind="stable")
    return sorted_[list(COLUMNS)].reset_index(drop=True)


def series_document(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Answers by series: ``parameters`` with their quantiles, ``mechanisms`` with their probabilities.

    ``typicality`` is null where it was not measured.
    """
    found = []
    for name, rows in table.groupby("series", sort=False):
        named = rows["quantile"].isna()
        parameters = {
            str(parameter): {
                "unit": str(part["unit"].iloc[0]),
                "quantiles": {
                    f"{level:g}": _number(value) for level, value in zip(part["quantile"], part["value"], strict=True)
                },
            }
            for parameter, part in rows[~named].groupby("parameter", sort=False)
        }
        mechanisms = {
            str(parameter).removeprefix(PROBABILITY): _number(value)
            for parameter, value in zip(rows[named]["parameter"], rows[named]["value"], strict=True)
        }
        typicality = _number(rows["typicality"].iloc[0])
        found.append(
            {"series": str(name), "parameters": parameters, "mechanisms": mechanisms, "typicality": typicality}
        )
    return found


def summary_table(table: pd.DataFrame) -> pd.DataFrame:
    """A row for each series and parameter, median and 90 % interval; the likeliest mechanism with its probability.

    Where it was measured, ``typicality`` stands beside them.
    """
    rows = []
    for (series, parameter), part in table.groupby(["series", "parameter"], sort=False):
        if part["quantile"].isna().all():
            continue
        at = dict(zip(part["quantile"], part["value"], strict=True))
        interval = f"{at[0.05]:.3g} to {at[0.95]:.3g}"
        rows.append((series, parameter, str(part["unit"].iloc[0]), f"{at[0.5]:.3g}", interval))
    likeliest = table[table["quantile"].isna()].sort_values("value").groupby("series", sort=False).tail(1)
    for series, parameter, value in zip(likeliest["series"], likeliest["parameter"], likeliest["value"], strict=True):
        rows.append((series, str(parameter), "1", f"{value:.2f}", ""))
    order = {name: at for at, name in enumerate(table["series"].unique())}
    rows.sort(key=lambda row: order[row[0]])
    shown = pd.DataFrame(rows, columns=["series", "parameter", "unit", "median", "90 % interval"])
    if table["typicality"].isna().all():
        return shown
    measured = table.groupby("series", sort=False)["typicality"].first()
    return shown.assign(typicality=[f"{measured[name]:.2g}" for name in shown["series"]])


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
