"""`sgnn benchmark`: a model held against a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.arguments import ModelName
from sgnn.cli.output import Json, error_console, one_object, result_console, show

if TYPE_CHECKING:
    from sgnn.evaluation.table import Breakdown


class By(StrEnum):
    """Along what the scores are broken down."""

    HORIZON = "horizon"
    SERIES = "series"
    ORIGIN = "origin"


def benchmark(
    model: ModelName,
    protocol: Annotated[str, typer.Argument(metavar="PROTOCOL", help="name of a protocol, such as covid-68w8h")],
    by: Annotated[
        By, typer.Option("--by", help="break the scores of forecasts down by steps ahead, by series or by origin")
    ] = By.HORIZON,
    as_json: Json = False,
) -> None:
    """Score a model by a protocol beside baselines."""
    from flows.run import benchmark as run_benchmark
    from sgnn.settings import load_settings

    settings = load_settings()
    with one_object(as_json) as answer:
        scored = run_benchmark(model, protocol, settings=settings, console=error_console())
        if as_json:
            answer.append(scored)
        else:
            _show(scored, by.value)


def _show(scored: Mapping[str, Any], by: Breakdown) -> None:
    """All tables of the outcome, and what is to be read with them."""
    from sgnn.evaluation.tables import tables

    console = result_console()
    for title, table in tables(scored, by):
        console.print(table.to_rich(title))
    for line in scored["notes"]:
        show(f"note: {line}")
