"""The parts of a page: words, figures, tables, and what is folded away; the template knows how each looks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup

from sgnn.evaluation.table import Table

_NUMBER = re.compile(r"[−–+-]?[\d,.]*(e[+-]\d+)?(\s?%|\s?s|\s?min|\s?h)?(\s\[.*\])?")


@dataclass(frozen=True)
class Words:
    """A paragraph; ``aside`` for a remark, ``code`` for something to type."""

    kind: ClassVar[str] = "words"
    text: str
    style: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure as SVG: ``words`` tell those who cannot see it what it shows, ``caption`` helps those who can."""

    kind: ClassVar[str] = "picture"
    svg: Markup
    words: str
    caption: str = ""
    width: int = 0
    """Widest that it is shown, in pixels; 0 for the width of the page."""


@dataclass(frozen=True)
class Pictures:
    """Figures side by side, where there is room."""

    kind: ClassVar[str] = "pictures"
    figures: Sequence[Picture]


@dataclass(frozen=True)
class Rows:
    """A table with its caption."""

    kind: ClassVar[str] = "rows"
    table: Table
    caption: str
    verdicts: frozenset[str] = frozenset()
    """Cells that say something went wrong."""

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether a column holds figures, which stand to the right."""
        columns = zip(*self.table.rows, strict=True) if self.table.rows else [()] * len(self.table.heading)
        return tuple(all(_NUMBER.fullmatch(cell) for cell in column) for column in columns)


@dataclass(frozen=True)
class Fold:
    """Parts that open when asked for."""

    kind: ClassVar[str] = "fold"
    title: str
    parts: Sequence[Part] = field(default_factory=tuple)


Part = Words | Picture | Pictures | Rows | Fold


@dataclass(frozen=True)
class Section:
    """A section of the page, reached by its name."""

    name: str
    title: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Card:
    """A figure to see first, and what it is."""

    value: str
    words: str
