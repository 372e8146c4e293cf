"""`sgnn benchmark`: a model held against a protocol on real data."""

from __future__ import annotations

from typing import Annotated

import typer

from sgnn.cli.arguments import ModelName
from sgnn.cli.output import Json, error_console, one_object


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
