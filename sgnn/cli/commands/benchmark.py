"""`sgnn benchmark`: a model held against a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from sgnn.cli.arguments import ModelName
from sgnn.cli.output import Json, error_console, one_object, result_console, show


def benchmark(
    model: ModelName,
    protocol: Annotated[str, typer.Argument(metavar="PROTOCOL", help="name of a protocol, such as covid-68w8h")],
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
            _show(scored)


def _show(scored: Mapping[str, Any]) -> None:
    """Scores with their intervals, what each difference is worth, variants and groups where there are any."""
    from sgnn.evaluation.table import difference_table, group_table, score_table, variant_table

    console = result_console()
    console.print(score_table(scored).to_rich(f"{scored['model']} by {scored['protocol']}"))
    console.print(difference_table(scored).to_rich("what the differences are worth"))
    if scored["variants"]:
        console.print(variant_table(scored).to_rich("variants"))
    if scored["groups"]:
        console.print(group_table(scored).to_rich("by mechanism"))
    for line in scored["notes"]:
        show(f"note: {line}")
