"""`sgnn new`: a package with a simulator of one's own, ready to run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sgnn.cli.output import Json, one_object, show


def new(
    name: Annotated[str, typer.Argument(help="name of the package: lower-case letters, digits and dashes")],
    folder: Annotated[
        Path | None, typer.Option("--folder", help="where to write it; a folder of its name here where not given")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a package with a simulator, its tests and a recipe: run it as it is, then put your own equations in."""
    from sgnn.cli.scaffold import named, write

    with one_object(as_json) as answer:
        package = named(name)
        place = Path(name) if folder is None else folder
        written = write(package, place)
        if as_json:
            answer.append({"name": name, "folder": str(place), "files": [str(path) for path in written]})
            return
        for path in written:
            show(str(path))
        show(f"next: pip install -e {place} && sgnn run {name} --tiny")
