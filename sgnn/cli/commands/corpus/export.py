"""`sgnn corpus export`: a corpus as one file or folder for other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sgnn.cli.arguments import CorpusName
from sgnn.cli.output import Json, one_object, show


class ExportFormat(StrEnum):
    """What an export writes."""

    ZARR = "zarr"
    NETCDF = "netcdf"


def export(
    corpus: CorpusName,
    path: Annotated[Path, typer.Argument(help="file or folder to write; it must not exist yet")],
    format: Annotated[
        ExportFormat | None, typer.Option("--format", help="zarr or netcdf; without, by the ending of the path")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a corpus as one Zarr folder or NetCDF file that plain xarray opens."""
    from sgnn.corpus.export import export as export_corpus
    from sgnn.corpus.reader import open_corpus
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        opened = open_corpus(corpus, load_settings())
        written = export_corpus(opened, path, None if format is None else format.value)
        if as_json:
            answer.append({"corpus": opened.name, "version": opened.version, "path": str(written)})
        else:
            show(f"{opened.name} version {opened.version}: {opened.number:,} draws in {written}")
