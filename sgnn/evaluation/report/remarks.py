"""Notes of a benchmark as a paragraph."""

from __future__ import annotations

from collections.abc import Sequence


def remarks(notes: Sequence[str]) -> str:
    """Every note as a sentence, one after the other."""
    return " ".join(f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in notes)
