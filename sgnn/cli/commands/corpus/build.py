"""`sgnn corpus build` and `grow`: simulate what a corpus lacks."""

from __future__ import annotations

from typing import Annotated

import typer

from sgnn.cli.arguments import CorpusName, RecipeName, Tiny
from sgnn.cli.commands.corpus.status import show_status
from sgnn.cli.output import Json, error_console, one_object


def build(
    recipe: RecipeName,
    draws: Annotated[
        int | None, typer.Option("--draws", min=1, help="another number of draws than the recipe's")
    ] = None,
    tiny: Tiny = False,
    as_json: Json = False,
) -> None:
    """Simulate what the corpus of a recipe lacks, and commit it; what is there is not made again."""
    from flows.run import build_corpus
    from sgnn.settings import load_settings

    settings = load_settings()
    with one_object(as_json) as answer:
        built = build_corpus(recipe, settings=settings, console=error_console(), tiny=tiny, draws=draws)
        if as_json:
            answer.append(built.status.to_json())
        else:
            show_status(built.status)


def grow(
    corpus: CorpusName,
    to: Annotated[int, typer.Option("--to", min=1, help="number of draws in all")],
    as_json: Json = False,
) -> None:
    """Add draws to a corpus, by the recipe that it keeps, as a new version; draws that are there keep their bytes."""
    from flows.run import grow_corpus
    from sgnn.settings import load_settings

    settings = load_settings()
    with one_object(as_json) as answer:
        built = grow_corpus(corpus, to, settings=settings, console=error_console())
        if as_json:
            answer.append(built.status.to_json())
        else:
            show_status(built.status)
