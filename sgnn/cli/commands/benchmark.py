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
        By, typer.Option("--by", help="break the model's scores down by steps ahead, by series or by origin")
    ] = By.HORIZON,
    as_json: Json = False,
) -> None:
    """Score a model on real data beside baselines."""
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
    """Scores with their intervals, what each difference is worth, variants and groups where there are any."""
    from sgnn.evaluation.table import breakdown_table, difference_table, group_table, score_table, variant_table

    console = result_console()
    console.print(score_table(scored).to_rich(f"{scored['model']} by {scored['protocol']}"))
    console.print(difference_table(scored).to_rich("what the differences are worth"))
    if scored[f"by_{by}"]:
        console.print(breakdown_table(scored, by).to_rich(f"by {by}"))
    if scored["variants"]:
        console.print(variant_table(scored).to_rich("variants"))
    if scored["groups"]:
        console.print(group_table(scored).to_rich("by mechanism"))
    for line in scored["notes"]:
        show(f"note: {line}")
