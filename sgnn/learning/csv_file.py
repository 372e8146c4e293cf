"""A user's CSV file as a table of text, strictly: every row has as many fields as the heading, or is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from sgnn.errors import DataError

MOST_BYTES = 200_000_000
_EXPECTED = "name a CSV file with the columns series,date,value"


def read_csv_file(path: str | Path) -> pd.DataFrame:
    """The file's rows as stripped text, by column name; the index is the line in the file, empty rows are left out.

    Raises `DataError` in one line for what is no such file: absent, a folder, not UTF-8, not comma-separated, without a
    proper heading, with rows of another length, or larger than 200 MB.
    """
    place = Path(path)
    _require_file(place)
    try:
        with place.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True, skipinitialspace=True)
            lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except UnicodeDecodeError as error:
        raise DataError(f"{place} is not UTF-8 text", remedy="save it as UTF-8 CSV") from error
    except csv.Error as error:
        raise _unreadable(place, f"row {reader.line_num}: {error}") from error
    except OSError as error:
        raise DataError(
            f"{place} cannot be read: {error.strerror or error}", remedy="look at its permissions"
        ) from error
    filled = [(number, row) for number, row in lines if any(row)]
    binary = next((number for number, row in filled if any("\0" in cell for cell in row)), None)
    if binary is not None:
        raise DataError(
            f"{place} row {binary} holds a zero byte, so it is no UTF-8 text", remedy="save it as UTF-8 CSV"
        )
    if not filled:
        raise _unreadable(place, "it is empty")
    (_, heading), *rows = filled
    _require_names(heading, place)
    for number, row in rows:
        if len(row) != len(heading):
            raise DataError(
                f"{place} row {number} has {len(row)} fields, the heading has {len(heading)}",
                remedy="write every field, empty where there is no value, and no commas within numbers",
            )
    return pd.DataFrame([row for _, row in rows], columns=heading, index=[number for number, _ in rows], dtype=str)


def _require_file(place: Path) -> None:
    if not place.is_file():
        what = "is a folder" if place.is_dir() else "is no file" if place.exists() else "does not exist"
        raise DataError(f"{place} {what}", remedy=_EXPECTED)
    size = place.stat().st_size
    if size > MOST_BYTES:
        raise DataError(
            f"{place} has {size / 1e6:,.0f} MB, at most {MOST_BYTES / 1e6:,.0f} are read", remedy="split it by series"
        )


def _require_names(heading: list[str], place: Path) -> None:
    if len(heading) == 1 and any(mark in heading[0] for mark in ";\t|"):
        raise _unreadable(place, f"its heading is '{heading[0]}'")
    for at, name in enumerate(heading):
        if not name:
            raise DataError(f"{place} row 1: column {at + 1} has no name", remedy="name it or remove it")
        if name in heading[:at]:
            raise DataError(f"{place} row 1: column '{name}' comes twice", remedy="rename or remove one of them")


def _unreadable(place: Path, why: str) -> DataError:
    return DataError(f"{place} is not a readable CSV table: {why}", remedy="save it as comma-separated text")
