"""A user's own graph and what was seen of it: a list of ties, and a table of nodes with their states and times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import DataError
from sgnn.learning.csv_file import read_csv_file

UNREACHED, REACHED, UNKNOWN, OVER = range(4)
STATES = {"unreached": UNREACHED, "reached": REACHED, "unknown": UNKNOWN, "over": OVER}
"""Words of the column ``state``; nodes that the table leaves out were seen not to be reached."""
_HEADINGS = ({"source", "target"}, {"from", "to"}, {"one", "other"}, {"node", "neighbour"})


@dataclass(frozen=True)
class Ties:
    """Names of nodes, and ties (tie, 2) between their numbers; ``note`` tells of lines that were left out."""

    names: tuple[str, ...]
    ties: NDArray[np.int32]
    note: str = ""


@dataclass(frozen=True)
class Sighting:
    """State (node,) of every node, a number of `STATES`, and times (node,), NaN where not told."""

    state: NDArray[np.int8]
    time: NDArray[np.float64]


def read_ties(path: str | Path) -> Ties:
    """Ties of a text file, two names a line apart by a comma or white space.

    A first line such as ``source,target`` is a heading. Empty lines and lines that begin with # are passed over, ties
    of a node to itself and repeated ones are left out, and the note says so. Raises `DataError` in one line for any
    other line, and for a file without ties.
    """
    place = Path(path)
    if not place.is_file():
        raise DataError(f"{place} is no file", remedy="name a list of ties, two nodes a line")
    try:
        lines = place.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{place} is not UTF-8 text", remedy="save it as UTF-8") from error
    number_of: dict[str, int] = {}
    pairs: set[tuple[int, int]] = set()
    loops, repeated, first = 0, 0, True
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        words = [word.strip() for word in text.split(",")] if "," in text else text.split()
        if len(words) != 2 or not all(words):
            raise DataError(
                f"{place} line {number}: {len(words)} fields where two nodes are expected: {text[:40]!r}",
                remedy="write two names a line, and # before remarks",
            )
        if first and {word.lower() for word in words} in _HEADINGS:
            first = False
            continue
        first = False
        if words[0] == words[1]:
            loops += 1
            continue
        one, other = sorted(number_of.setdefault(word, len(number_of)) for word in words)
        repeated += (one, other) in pairs
        pairs.add((one, other))
    if not pairs:
        raise DataError(f"{place} holds no tie", remedy="write two names a line")
    counts = ((loops, "to the node itself"), (repeated, "repeated"))
    said = [f"{count} {words}" for count, words in counts if count]
    note = f"{place}: ties left out: {', '.join(said)}" if said else ""
    return Ties(tuple(number_of), np.array(sorted(pairs), dtype=np.int32), note)


def read_sighting(path: str | Path, names: tuple[str, ...]) -> Sighting:
    """What a CSV table ``node,state`` tells, with times of reached nodes in a third column ``time`` where there is one.

    Raises `DataError` in one line for a node that the graph lacks or that comes twice, a state that is none of
    `STATES`, a time that is no number or of a node not reached, and a table in which no node is reached.
    """
    table = read_csv_file(path)
    missing = [column for column in ("node", "state") if column not in table]
    if missing:
        raise DataError(
            f"{path} has no column '{missing[0]}'", remedy="give the columns node,state and, if known, time"
        )
    number_of = {name: at for at, name in enumerate(names)}
    state, time = np.zeros(len(names), np.int8), np.full(len(names), np.nan)
    told: set[str] = set()
    for row, (node, word) in zip(table.index, table[["node", "state"]].itertuples(index=False), strict=True):
        where = f"{path} row {row}: node '{node}'"
        if node not in number_of:
            raise DataError(f"{where} is not in the graph", remedy="mend its name, or add its ties")
        if node in told:
            raise DataError(f"{where} comes twice", remedy="keep one of its rows")
        if word.lower() not in STATES:
            raise DataError(f"{where} has the state '{word}'", remedy=f"one of: {', '.join(STATES)}")
        told.add(node)
        state[number_of[node]] = STATES[word.lower()]
    for row, node, text in zip(table.index, table["node"], table.get("time", ""), strict=False):
        if not text:
            continue
        at = number_of[node]
        time[at] = _time(text, f"{path} row {row}: time of node '{node}'")
        if state[at] not in (REACHED, OVER):
            raise DataError(
                f"{path} row {row}: node '{node}' has a time and was not reached", remedy="remove one of both"
            )
    if not ((state == REACHED) | (state == OVER)).any():
        raise DataError(f"{path} tells of no node that was reached", remedy="give at least one the state reached")
    return Sighting(state, time)


def _time(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{where} is '{text}'", remedy="write a number, or leave it empty")
    return value
