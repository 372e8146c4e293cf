"""`sgnn run` and `sgnn train`: a recipe from its simulators to a registered model, or to a trained one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from sgnn.cli.arguments import RecipeName, Tiny
from sgnn.cli.output import Json, error_console, one_object, show_fields


class Resume(StrEnum):
    """What to do about a checkpoint that an earlier training left."""

    AUTO = "auto"
    NEVER = "never"


def run(recipe: RecipeName, tiny: Tiny = False, as_json: Json = False) -> None:
    """All of it: simulate, pretrain, benchmark, register, report. What was done before is not done again."""
    from flows.run import run_pipeline
    from sgnn.settings import load_settings

    settings = load_settings()
    with one_object(as_json) as answer:
        done = run_pipeline(recipe, settings=settings, console=error_console(), tiny=tiny)
        if as_json:
            answer.append(done)
        else:
            show_fields(done)


def train(
    recipe: RecipeName,
    resume: Annotated[
        Resume, typer.Option("--resume", help="auto: go on from the last checkpoint; never: start afresh")
    ] = Resume.AUTO,
    tiny: Tiny = False,
    as_json: Json = False,
) -> None:
    """Train the network of a recipe on its corpus. The corpus is built first where it is missing."""
    from flows.run import train as train_model
    from sgnn.settings import load_settings

    settings = load_settings()
    with one_object(as_json) as answer:
        done = train_model(recipe, settings=settings, console=error_console(), tiny=tiny, resume=resume.value)
        if as_json:
            answer.append(done)
        else:
            show_fields(done)
