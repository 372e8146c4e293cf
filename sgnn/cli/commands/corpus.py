"""`sgnn corpus`: make, watch, check and hand over corpora."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sgnn.cli.arguments import CorpusName, RecipeName, Tiny
from sgnn.cli.output import Json, error_console, note, one_object, progress, show, show_fields, show_table

if TYPE_CHECKING:
    from sgnn.corpus.status import CorpusStatus

app = typer.Typer(help="Corpora of simulated draws.", no_args_is_help=True)


class ExportFormat(StrEnum):
    """What an export writes."""

    ZARR = "zarr"
    NETCDF = "netcdf"


@app.command("build")
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


@app.command("status")
def status(recipe: RecipeName, tiny: Tiny = False, as_json: Json = False) -> None:
    """How far the corpus of a recipe is."""
    from sgnn.corpus.recipe import load_recipe
    from sgnn.corpus.status import status as corpus_status
    from sgnn.settings import load_settings

    loaded = load_recipe(recipe)
    with one_object(as_json) as answer:
        found = corpus_status(loaded.tiny() if tiny else loaded, load_settings())
        if as_json:
            answer.append(found.to_json())
        else:
            show_status(found)


@app.command("list")
def list_corpora(as_json: Json = False) -> None:
    """Corpora of the store, with their newest versions."""
    from sgnn.corpus.catalog import all_corpora
    from sgnn.corpus.ledger import manifest_of, versions
    from sgnn.corpus.status import committed_status
    from sgnn.settings import load_settings

    settings = load_settings()
    newest = [(store, versions(store)) for store in all_corpora(settings.store_url)]
    found = [(store.root, committed_status(manifest_of(store, numbers[-1]))) for store, numbers in newest if numbers]
    unfinished = [store.root.name for store, numbers in newest if not numbers]
    with one_object(as_json) as answer:
        if as_json:
            rows = [{**one.to_json(), "folder": str(root)} for root, one in found]
            answer.append({"store": settings.store_url, "corpora": rows, "unfinished": unfinished})
            return
        columns = ("corpus", "version", "asked", "ok", "failed", "quarantined", "digest", "folder")
        show_table(
            columns,
            [
                (s.name, s.version, s.asked, s.ok, s.failed, s.quarantined, s.recipe_digest, root.name)
                for root, s in found
            ],
        )
        for name in unfinished:
            note(f"{name}: nothing committed yet; sgnn corpus build goes on with it")


@app.command("verify")
def verify(
    corpus: CorpusName,
    repair: Annotated[bool, typer.Option("--repair", help="make damaged blocks again, from their seeds")] = False,
    as_json: Json = False,
) -> None:
    """Decode every block and compare it with its digest; status 1 if a block is damaged and not repaired."""
    from sgnn.corpus.reader import open_corpus
    from sgnn.corpus.verify import verify as verify_corpus
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        opened = open_corpus(corpus, load_settings())
        with progress("verifying", len(opened.blocks)) as advance:
            found = verify_corpus(opened, repair=repair, on_block=lambda _: advance())
        if as_json:
            answer.append({**asdict(found), "sound": found.sound})
        elif found.faults:
            rows = [(fault.block, fault.array or "record", fault.reason, fault.file) for fault in found.faults]
            show_table(("block", "array", "fault", "file"), rows)
        if found.sound:
            mended = f", {len(found.repaired)} of them made again" if found.repaired else ""
            note(f"{found.name} version {found.version}: {found.blocks} blocks as they were committed{mended}")
            return
    damaged = ", ".join(str(index) for index in found.damaged)
    note(f"error: damaged blocks of {found.name}: {damaged}; sgnn corpus verify {corpus} --repair makes them again")
    raise typer.Exit(1)


@app.command("export")
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


def show_status(found: CorpusStatus) -> None:
    """Counts of one corpus, for people."""
    fields = dict(found.to_json())
    fields["version"] = found.version or "none committed yet"
    show_fields(fields)
