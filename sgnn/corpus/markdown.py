"""Markdown of cards and data sheets: tables and lists from words."""

from __future__ import annotations

from collections.abc import Sequence


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; nothing where it has no rows."""
    if not rows:
        return ""
    rule = ["---"] * len(heading)
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in (heading, rule, *rows))


def bullets(lines: Sequence[str]) -> str:
    """A list, an item a line."""
    return "\n".join(f"- {line}" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
