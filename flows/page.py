"""What the flows leave in the Prefect page: Markdown tables with links."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import httpx
from prefect.artifacts import create_markdown_artifact


def publish(subject: str, title: str, rows: Sequence[Sequence[object]] = (), text: str = "") -> None:
    """Leave a table of names and values, and a text, as the artifact `subject` of the run; earlier ones are kept.

    What it tells stands in the store and in MLflow, too: a page that cannot be written is said, and ends no run.
    """
    lines = ["| | |", "| --- | --- |", *(f"| {name} | {_cell(value)} |" for name, value in rows)] if rows else []
    key = re.sub(r"[^a-z0-9]+", "-", subject.lower()).strip("-")
    try:
        create_markdown_artifact("\n".join([f"## {title}", "", *lines, text]), key=key, description=title)
    except httpx.HTTPError as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        print(f"the page of Prefect lacks '{title}': {reason}", file=sys.stderr, flush=True)


def link(address: str, words: str = "") -> str:
    """A link to a page, or the name of a file or folder, which a browser would not open."""
    return f"[{words or address}]({address})" if address.startswith("http") else f"`{address}`"


def _cell(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value).replace("|", "\\|").replace("\n", " ")
