"""`sgnn dashboard`: one page of what there is: corpora, models, runs, schedules, live scores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sgnn.cli.output import Json, one_object, show


def dashboard(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="file to write; without: dashboard.html of the home folder")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the page that housekeeping and forecasts on a schedule refresh: one file, which opens offline."""
    from flows.dashboard import PAGE, gathered
    from sgnn.evaluation.dashboard import write_dashboard
    from sgnn.settings import load_settings

    settings = load_settings()
    with one_object(as_json) as answer:
        content = gathered(settings)
        file = write_dashboard(content, output or settings.home / PAGE)
        if as_json:
            answer.append({"page": str(file), **content.to_json()})
        else:
            show(str(file))
