"""`sgnn forecast`: a model applied to somebody's own table."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sgnn.cli.arguments import ModelName
from sgnn.cli.output import Json, note, one_object, show

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.learning.model import Model


class TableFormat(StrEnum):
    """Columns of the table that is written."""

    LONG = "long"
    HUB = "hub"


def forecast(
    model: ModelName,
    data: Annotated[
        Path, typer.Argument(help="CSV file: series,date,value and covariates; or wide; or hub target data")
    ],
    horizon: Annotated[
        int,
        typer.Option(
            "--horizon", min=1, help="steps ahead: weeks for a model of weeks, to which daily counts are summed"
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="file to write: .csv or .parquet")],
    table_format: Annotated[
        TableFormat, typer.Option("--format", help="long: series,origin,horizon,date,quantile,value; hub: hubverse")
    ] = TableFormat.LONG,
    origins: Annotated[
        str, typer.Option("--origins", help="where to forecast from: last, all, or dates separated by commas")
    ] = "last",
    target: Annotated[str, typer.Option("--target", help="name of the target in the hub format")] = "wk inc death",
    as_json: Json = False,
) -> None:
    """Forecast the series of a table. Each origin sees nothing after it."""
    from sgnn.learning.table import choose_origins, forecast_table, hub_table, read_panel, write_table
    from sgnn.settings import load_settings
    from sgnn.tracking.reference import resolve

    with one_object(as_json) as answer:
        # the table first: a mistake in it is told before anything slow is imported
        panel = read_panel(data)
        folder = resolve(model, load_settings())
        from sgnn.learning.model import load_model

        loaded = load_model(folder)
        panel = loaded.in_steps(panel)
        if "note" in panel.attrs:
            note(panel.attrs["note"])
        chosen = choose_origins(panel, origins)
        _tell_covariates(loaded, panel)
        forecasts = loaded.predict(panel, chosen, horizon)
        table = forecast_table(forecasts) if table_format is TableFormat.LONG else hub_table(forecasts, target)
        written = write_table(table, output)
        count, times = panel.sizes["series"], len(chosen)
        if as_json:
            document = {"model": str(folder), "output": str(written), "series": count, "origins": times}
            answer.append({**document, "horizon": horizon, "rows": len(table)})
        else:
            show(f"{written}: {count} series from {times} origins, {horizon} steps ahead, {len(table):,} rows")


def _tell_covariates(model: Model, panel: xr.Dataset) -> None:
    """Say which columns the model uses: a misspelt name would otherwise go unnoticed."""
    known = tuple(model.task.settings.get("covariates", ()))
    given = [str(name) for name in panel.data_vars if name != "value"]
    for name in given:
        if name not in known:
            note(f"column {name} is not used: the model knows {', '.join(known) or 'no covariates'}")
    missing = [name for name in known if name not in given]
    if missing:
        note(f"forecasting without {', '.join(missing)}: the table has no such column")
