"""Arguments and options that several commands share, each with its one meaning."""

from __future__ import annotations

from typing import Annotated

import typer

RecipeName = Annotated[
    str, typer.Argument(metavar="RECIPE", help="name of a recipe (sgnn recipes list), or path of a YAML file")
]
CorpusName = Annotated[
    str, typer.Argument(metavar="CORPUS", help="name, name@version, name@tag, first figures of a digest, or folder")
]
ModelName = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="name (its champion), name@alias, name/number, or folder of a model"),
]
Tiny = Annotated[bool, typer.Option("--tiny", help="the tiny version of the recipe: few draws, few steps")]
