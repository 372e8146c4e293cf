"""`sgnn estimate`: parameters and mechanisms of somebody's own series."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.applicability import judgement_document, warn_untypical
from sgnn.cli.arguments import ModelName
from sgnn.cli.output import Json, note, one_object, show, show_table

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sgnn.learning.domain import Judgement
    from sgnn.learning.model import Model


def estimate(
    model: ModelName,
    data: Annotated[Path, typer.Argument(help="CSV file: series,date,value; or wide, a column a series")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="file to write: .csv or .parquet; shown where not given")
    ] = None,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="estimate by the classical methods that are installed, too")
    ] = False,
    generation_interval: Annotated[
        str | None,
        typer.Option("--generation-interval", metavar="MEAN,SD", help="steps; what --baselines have to be told"),
    ] = None,
    paths: Annotated[
        Path | None, typer.Option("--paths", help="file to write what happened step by step to, such as R_t")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option("--figure", help="PNG file to draw the time paths of the first dozen series to")
    ] = None,
    posterior: Annotated[
        Path | None, typer.Option("--posterior", help="file to write draws of the joint posterior to")
    ] = None,
    draws: Annotated[int, typer.Option("--draws", min=1, help="draws of each series in that file")] = 1000,
    as_json: Json = False,
) -> None:
    """Estimate what made the series of a table: parameters with intervals, time paths, probabilities of mechanisms."""
    from sgnn.learning.forecast_table import write_table
    from sgnn.learning.table import read_panel
    from sgnn.settings import load_settings
    from sgnn.tracking.reference import resolve

    with one_object(as_json) as answer:
        # the table first: a mistake in it is told before anything slow is imported
        panel = read_panel(data)
        interval = _interval(generation_interval, baselines)
        folder = resolve(model, load_settings())
        from sgnn.learning.model import load_model

        loaded = load_model(folder)
        panel, answers, judgement = _answered(loaded, panel)
        # all tables and the picture before the first file: a model that lacks one writes none
        tables = [(_estimates(answers, panel, interval), output)]
        tables += _further_tables(loaded, panel, answers, paths, posterior, draws)
        picture = None if figure is None else _picture(answers, panel, figure)
        written = [None if place is None else write_table(one, place) for one, place in tables]
        if picture is not None:
            picture()
        table = tables[0][0]
        if as_json:
            answer.append(_document(folder, written[0], table, answers, judgement))
            return
        if figure is not None:
            show(f"{figure}: time paths")
        for (one, _), place in zip(tables[1:], written[1:], strict=True):
            show(f"{place}: {len(one):,} rows")
        _tell(table, written[0], panel.sizes["series"])


def _answered(model: Model, panel: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset, Judgement | None]:
    """The panel as the model sees it, the answers, and whether anything simulated looks like it, told in notes, too."""
    import pandas as pd

    from sgnn.learning.estimate.predict import estimate as estimate_panel
    from sgnn.learning.estimate.predict import task_of
    from sgnn.learning.judging import judge_panel

    task_of(model)
    panel = model.prepared(panel, pd.Timestamp.now().normalize())
    if "note" in panel.attrs:
        note(panel.attrs["note"])
    answers = estimate_panel(model, panel)
    judgement = judge_panel(model, panel)
    if judgement is not None:
        answers = answers.assign(typicality=("series", judgement.typicality))
        warn_untypical([str(name) for name in panel["series"].to_numpy()], judgement)
    return panel, answers, judgement


def _estimates(answers: xr.Dataset, panel: xr.Dataset, interval: tuple[float, float] | None) -> pd.DataFrame:
    """The table of estimates, with those of the classical methods where these are told a generation interval."""
    import pandas as pd

    from sgnn.learning.estimate.classical import classical_table
    from sgnn.learning.estimate.table import estimate_table

    table = estimate_table(answers)
    return table if interval is None else pd.concat([table, classical_table(panel, *interval)], ignore_index=True)


def _further_tables(
    model: Model, panel: xr.Dataset, answers: xr.Dataset, paths: Path | None, posterior: Path | None, draws: int
) -> list[tuple[pd.DataFrame, Path | None]]:
    """Time paths and draws of the posterior, each with its file, where they are asked for."""
    from sgnn.learning.estimate.predict import posterior_draws
    from sgnn.learning.estimate.trajectories import draws_table, path_table

    tables: list[tuple[pd.DataFrame, Path | None]] = []
    if paths is not None:
        tables.append((path_table(answers), paths))
    if posterior is not None:
        tables.append((draws_table(posterior_draws(model, panel, draws)), posterior))
    return tables


def _document(
    folder: Path, written: Path | None, table: pd.DataFrame, answers: xr.Dataset, judgement: Judgement | None
) -> dict[str, Any]:
    """The answer of `--json`."""
    from sgnn.learning.estimate.table import series_document
    from sgnn.learning.estimate.trajectories import path_document

    series = [
        {**one, **judgement_document(judgement, at), "paths": path_document(answers, at)}
        for at, one in enumerate(series_document(table))
    ]
    output = None if written is None else str(written)
    return {"model": str(folder), "output": output, "rows": len(table), "series": series}


def _tell(table: pd.DataFrame, written: Path | None, series: int) -> None:
    """The estimates for people: the file that holds them, or a table of medians and intervals."""
    from sgnn.learning.estimate.table import summary_table

    if written is not None:
        show(f"{written}: {series} series, {len(table):,} rows")
        return
    summary = summary_table(table)
    show_table(tuple(summary.columns), summary.itertuples(index=False), figures=("median",))


def _picture(answers: xr.Dataset, panel: xr.Dataset, place: Path) -> Callable[[], None]:
    """Writes the figure, whole or not at all, when it is called. Raises `DataError` where there is nothing to draw."""
    from sgnn.errors import DataError
    from sgnn.evaluation.figures.style import png
    from sgnn.evaluation.figures.trajectories import trajectories
    from sgnn.files import whole

    if place.suffix != ".png":
        raise DataError(f"{place} does not end in .png", remedy="name the file with it")
    if not place.parent.is_dir():
        raise DataError(f"{place} cannot be written: no such folder", remedy="name a file in a folder that exists")
    if "trajectory" not in answers:
        raise DataError("the model reads no time paths off a series", remedy="set `paths` in model.settings")
    drawn = trajectories(answers, panel)

    def write() -> None:
        with whole(place) as draft:
            png(drawn, draft)

    return write


def _interval(text: str | None, baselines: bool) -> tuple[float, float] | None:
    """Mean and standard deviation; None where no baselines are asked for. Raises `DataError`."""
    from sgnn.errors import DataError

    if not baselines:
        return None
    parts = (text or "").split(",")
    try:
        mean, sd = (float(part) for part in parts)
    except ValueError:
        mean, sd = 0.0, 0.0
    if not (0.0 < mean < float("inf") and 0.0 < sd < float("inf")):
        raise DataError(
            f"--baselines have to be told the generation interval, got {text or 'none'}",
            remedy="give its mean and standard deviation, such as --generation-interval 5.2,2.8",
        )
    return mean, sd
