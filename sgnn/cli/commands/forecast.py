"""`sgnn forecast`: a model applied to somebody's own table."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sgnn.cli.applicability import judgement_document, warn_untypical
from sgnn.cli.arguments import ModelName
from sgnn.cli.output import Json, note, one_object, show
from sgnn.errors import DataError

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.learning.model import Model


class Recalibration(StrEnum):
    """How intervals are mended by what earlier forecasts of the same table came to."""

    NONE = "none"
    WIDTH = "width"
    ADAPTIVE = "adaptive"


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
    recalibrate: Annotated[
        Recalibration,
        typer.Option("--recalibrate", help="widen or narrow intervals by how earlier ones did, with no look ahead"),
    ] = Recalibration.NONE,
    typicality: Annotated[
        bool, typer.Option("--typicality", help="add the typicality of each series at each origin as a column")
    ] = False,
    as_json: Json = False,
) -> None:
    """Forecast the series of a table. Each origin sees nothing after it."""
    from sgnn.learning.table import choose_origins, forecast_table, hub_table, read_panel, with_typicality, write_table
    from sgnn.settings import load_settings
    from sgnn.tracking.reference import resolve

    with one_object(as_json) as answer:
        # the table first: a mistake in it is told before anything slow is imported
        panel = read_panel(data)
        if typicality and table_format is TableFormat.HUB:
            raise DataError("the hub format has no column for typicality", remedy="leave --typicality out")
        folder = resolve(model, load_settings())
        from sgnn.learning.forecast.recalibration import predict_recalibrated
        from sgnn.learning.judging import judge_origins
        from sgnn.learning.model import load_model

        loaded = load_model(folder)
        panel = loaded.in_steps(panel)
        if "note" in panel.attrs:
            note(panel.attrs["note"])
        chosen = choose_origins(panel, origins)
        _tell_covariates(loaded, panel)
        judged = judge_origins(loaded, panel, chosen)
        names = [str(name) for name in panel["series"].to_numpy()]
        if judged:
            warn_untypical(names, judged[-1])
        if recalibrate is Recalibration.NONE:
            forecasts = loaded.predict(panel, chosen, horizon)
        else:
            forecasts = predict_recalibrated(loaded, panel, chosen, horizon, recalibrate.value)
        table = forecast_table(forecasts) if table_format is TableFormat.LONG else hub_table(forecasts, target)
        if typicality:
            table = with_typicality(table, forecasts, [one.typicality for one in judged or []])
        written = write_table(table, output)
        count, times = panel.sizes["series"], len(chosen)
        if as_json:
            document = {"model": str(folder), "output": str(written), "series": count, "origins": times}
            last = judged[-1] if judged else None
            told = [{"series": name, **judgement_document(last, row)} for row, name in enumerate(names)]
            answer.append({**document, "horizon": horizon, "rows": len(table), "typicality": told})
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
