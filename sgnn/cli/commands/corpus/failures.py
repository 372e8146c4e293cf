"""`sgnn corpus failures`: every draw that is not ok, with its mechanism, its reason and its parameters."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sgnn.cli.arguments import CorpusName
from sgnn.cli.output import Json, note, one_object, show, show_table

if TYPE_CHECKING:
    from sgnn.corpus.failures import Failure

SHOWN = 20


def failures(
    corpus: CorpusName,
    table: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="write all of them into a CSV file, theta by name")
    ] = None,
    as_json: Json = False,
) -> None:
    """Draws that failed or were quarantined, each with mechanism, reason and parameters."""
    from sgnn.corpus.failures import failures as find
    from sgnn.corpus.reader import open_corpus
    from sgnn.settings import load_settings

    with one_object(as_json) as answer:
        opened = open_corpus(corpus, load_settings())
        total = opened.status.failed + opened.status.quarantined
        if table is not None:
            _write(table, [parameter.name for parameter in opened.schema.parameters], find(opened))
        if as_json:
            every = [one.to_json() for one in find(opened)]
            answer.append({"corpus": opened.name, "version": opened.version, "failures": every})
            return
        rest = ""
        if table is None:
            rows = [_row(one) for one in islice(find(opened), SHOWN)]
            show_table(("draw", "mechanism", "status", "reason", "theta"), rows)
            rest = f"; the first {SHOWN} are shown, --csv FILE has all" if total > SHOWN else ""
        else:
            show(f"{total:,} draws in {table}")
        note(f"{opened.name}@{opened.version}: {total:,} of {opened.number:,} draws are not ok{rest}")


def _row(one: Failure) -> tuple[Any, ...]:
    theta = ", ".join(f"{name}={value:.4g}" for name, value in one.theta.items())
    return (one.draw, one.mechanism, one.status, one.reason, theta)


def _write(path: Path, parameters: list[str], rows: Iterable[Failure]) -> None:
    from sgnn.errors import StoreError
    from sgnn.files import whole

    try:
        with whole(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["draw", "mechanism", "status", "reason", *(f"theta.{name}" for name in parameters)])
            for one in rows:
                theta = (one.theta.get(name, "") for name in parameters)
                writer.writerow([one.draw, one.mechanism, one.status, one.reason, *theta])
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror}", remedy="give another file") from error
