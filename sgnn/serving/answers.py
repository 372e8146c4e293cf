"""From a question to an answer, by a model in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from sgnn.errors import DataError
from sgnn.learning.table import choose_origins, forecast_table, panel_of_table
from sgnn.serving.schemas import EstimateAnswer, EstimateRequest, Forecast, ForecastAnswer, ForecastRequest, Series

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.serving.following import Loaded


def forecast(loaded: Loaded, asked: ForecastRequest) -> ForecastAnswer:
    """Forecasts from the last date of the series. Raises `DataError` for series that the model cannot forecast."""
    panel = loaded.model.in_steps(_panel(asked.series))
    made = forecast_table(loaded.model.predict(panel, choose_origins(panel, "last"), asked.horizon))
    known = set(loaded.model.task.settings.get("covariates", ()))
    given = {name for one in asked.series for name in one.covariates}
    return ForecastAnswer(
        model=loaded.version,
        digest=loaded.digest,
        note=panel.attrs.get("note"),
        unused=tuple(sorted(given - known)),
        forecasts=tuple(
            Forecast(
                series=str(series),
                origin=date.fromisoformat(str(origin)),
                horizon=int(str(horizon)),
                date=date.fromisoformat(str(day)),
                quantiles={
                    f"{level:g}": float(value) for level, value in zip(part["quantile"], part["value"], strict=True)
                },
            )
            for (series, origin, horizon, day), part in made.groupby(
                ["series", "origin", "horizon", "date"], sort=False
            )
        ),
    )


def estimate(loaded: Loaded, asked: EstimateRequest) -> EstimateAnswer:
    """Parameters and mechanisms of the series. Raises `DataError` for a model that does not estimate."""
    from sgnn.learning.estimate.predict import estimate as estimate_panel
    from sgnn.learning.estimate.predict import task_of
    from sgnn.learning.estimate.table import estimate_table, series_document

    task_of(loaded.model)
    panel = loaded.model.prepared(_panel(asked.series), pd.Timestamp.now().normalize())
    document = series_document(estimate_table(estimate_panel(loaded.model, panel)))
    return EstimateAnswer(
        model=loaded.version, digest=loaded.digest, note=panel.attrs.get("note"), series=tuple(document)
    )


def _panel(series: Sequence[Series]) -> xr.Dataset:
    """Panel (series, time) of what was sent. Raises `DataError` naming the series at fault."""
    names = [one.name for one in series]
    if len(set(names)) != len(names):
        raise DataError("two series have the same name", remedy="name each differently")
    tables = [
        pd.DataFrame(
            {
                "series": one.name,
                "date": [day.isoformat() for day in one.dates],
                "value": pd.Series(one.values, dtype="float64"),
                **{name: pd.Series(column, dtype="float64") for name, column in one.covariates.items()},
            }
        )
        for one in series
    ]
    return panel_of_table(pd.concat(tables, ignore_index=True), "request")
