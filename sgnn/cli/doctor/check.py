"""One finding of the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True)
class Check:
    """What was looked at, what was found, and the remedy where it is not as it should be."""

    area: str
    name: str
    state: State
    found: str
    remedy: str = ""
