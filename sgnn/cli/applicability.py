"""What is said where nothing simulated looks like somebody's data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sgnn.cli.output import note

if TYPE_CHECKING:
    from sgnn.learning.domain import Judgement

_NAMED = 5
"""Series that are named one by one."""


def warn_untypical(names: Sequence[str], judgement: Judgement) -> None:
    """Say of which series nothing simulated looks like them."""
    from sgnn.learning.domain import NOTHING, THRESHOLD

    odd = [row for row, message in enumerate(judgement.messages()) if message]
    if odd:
        named = ", ".join(f"{names[row]} ({judgement.typicality[row]:.2g})" for row in odd[:_NAMED])
        more = f" and {len(odd) - _NAMED} more" if len(odd) > _NAMED else ""
        note(f"{NOTHING}: {named}{more}; typicality below {THRESHOLD:g}, do not rely on the answer")


def judgement_document(judgement: Judgement | None, row: int) -> dict[str, Any]:
    """One series' part of a JSON answer; typicality is null where it was not measured."""
    return {"typicality": None, "message": ""} if judgement is None else judgement.to_json(row)
