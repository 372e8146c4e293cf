"""`sgnn run` and `sgnn train`: a recipe from its simulators to a registered model, or to a trained one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sgnn.cli.arguments import RecipeName, Tiny
from sgnn.cli.output import Json, error_console, one_object, show_fields
from sgnn.errors import RecipeError


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
        str,
        typer.Option(
            "--resume",
            metavar="auto|never|PATH",
            help="auto: go on from the last checkpoint; never: start afresh; PATH: go on from that checkpoint",
        ),
    ] = "auto",
    tiny: Tiny = False,
    as_json: Json = False,
) -> None:
    """Train the network of a recipe on its corpus. The corpus is built first where it is missing."""
    from flows.run import train as train_model
    from sgnn.settings import load_settings

    settings = load_settings()
    with one_object(as_json) as answer:
        done = train_model(recipe, settings=settings, console=error_console(), tiny=tiny, resume=_checked(resume))
        if as_json:
            answer.append(done)
        else:
            show_fields(done)


def _checked(resume: str) -> str:
    """The word, or the whole path of the checkpoint: training runs elsewhere. Raises `RecipeError`."""
    if resume in ("auto", "never"):
        return resume
    path = Path(resume)
    if not path.is_file():
        raise RecipeError(
            f"--resume: no checkpoint at {resume}", remedy="give `auto`, `never` or the path of a .ckpt file"
        )
    return str(path.resolve())
