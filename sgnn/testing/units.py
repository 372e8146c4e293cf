"""One spelling for one unit: parameters and outputs of different simulators are compared by it."""

from __future__ import annotations

import re

PLAIN_NUMBER = "1"

_PART = r"(?:%|[^\W\d_]+|\d+)"
_UNIT = re.compile(rf"^\(?{_PART}(?:[ ·*/^()+-]*{_PART})*\)?$")
_OTHER_SPELLINGS = {
    "second": "sec secs seconds",
    "minute": "min mins minutes",
    "hour": "h hr hrs hours",
    "day": "d days Day Days",
    "week": "w wk wks weeks Week Weeks",
    "month": "mo months Month Months",
    "year": "y yr yrs years Year Years",
    "%": "percent pct",
}
_SPELLING = {other: unit for unit, others in _OTHER_SPELLINGS.items() for other in others.split()}
_NO_UNIT = {"", "-", "none", "unitless", "dimensionless", "n/a", "number"}


def respelt(unit: str) -> str:
    """The unit in its one spelling: `days` is `day`, `per day` and `day^-1` are `1/day`, no unit is `1`."""
    text = unit.strip()
    if text.lower() in _NO_UNIT:
        return PLAIN_NUMBER
    text = re.sub(r"\s*(?:/|\bper\b)\s*", "/", text)
    text = re.sub(r"([^\W\d_]+)(?:\^|\*\*)?-1\b", r"1/\1", text)
    text = f"1{text}" if text.startswith("/") else text
    return re.sub(r"[^\W\d_]+", lambda word: _SPELLING.get(word[0], word[0]), text)


def readable(unit: str) -> bool:
    """Whether the unit is made of words and numbers, joined by `/`, `·`, `*` or powers."""
    return _UNIT.match(unit) is not None
