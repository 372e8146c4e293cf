"""Files and folders that appear whole or not at all, whatever becomes of the process that writes them."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A free name beside ``path``, with its ending, for a file or a folder that gets the name ``path`` at the end.

    What stood at ``path`` is replaced. Where the block raises, ``path`` is as it was and nothing is left beside it.
    """
    draft = _beside(path)
    try:
        yield draft
        _rename(draft, path)
    finally:
        _remove(draft)


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with whole(path) as draft:
        draft.write_text(text, encoding="utf-8")


def _beside(path: Path) -> Path:
    return path.with_name(f".{secrets.token_hex(4)}.{path.name}")


def _rename(draft: Path, path: Path) -> None:
    """Rename over ``path``; a folder cannot be written over, but put aside for another folder."""
    if not (path.is_dir() and draft.is_dir()):
        os.replace(draft, path)
        return
    older = _beside(path)
    os.replace(path, older)
    os.replace(draft, path)
    _remove(older)


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink(missing_ok=True)
