"""What a command shows: tables and lines for people, or one JSON object for programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else on standard output")]

PIPE_WIDTH = 200


def note(text: str) -> None:
    """A line of progress or advice, on standard error."""
    print(text, file=sys.stderr, flush=True)


def show(text: str) -> None:
    """A line of the result, on standard output."""
    print(text, flush=True)


def error_console() -> Console:
    """Where progress goes: standard error, so that standard output stays free for results."""
    from rich.console import Console

    return Console(stderr=True)


def result_console() -> Console:
    """Where tables go: standard output, as wide as the terminal, or wide enough for whole cells in a pipe."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH)


def show_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "", figures: Sequence[str] = ()
) -> None:
    """A table on standard output; a terminal gets its width and colours, a pipe gets whole cells.

    The columns named in ``figures`` stand to the right.
    """
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", highlight=False)
    for column in columns:
        table.add_column(column, justify="right" if column in figures else "left")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    result_console().print(table)


def show_fields(fields: Mapping[str, object]) -> None:
    """Names and values, a line each."""
    width = max((len(name) for name in fields), default=0)
    for name, value in fields.items():
        show(f"{name:<{width}}  {_plain(value)}")


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error where that is a terminal; the block calls what it is given after each step."""
    from rich.progress import Progress

    console = error_console()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def one_object(wanted: bool) -> Iterator[list[Mapping[str, Any]]]:
    """Keep standard output clean for `--json`: what is put into the list is printed there as one object, at the end.

    While the block runs, whatever libraries and child processes write to standard output goes to standard error.
    Without `wanted` nothing is redirected and nothing is printed.
    """
    answer: list[Mapping[str, Any]] = []
    if not wanted:
        yield answer
        return
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield answer
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)
    for value in answer:
        print(json.dumps(value, default=str, allow_nan=False, indent=2), flush=True)


def _cell(value: object) -> str:
    from rich.markup import escape

    return escape(_plain(value))


def _plain(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, str):
        return value
    if isinstance(value, Iterable):
        return ", ".join(_plain(part) for part in value)
    return str(value)
