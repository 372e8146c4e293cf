"""What differs between two documents, field by field, by the names that people wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sgnn.corpus.digest import canonical_json

NAMES = ("name", "operator")
"""Fields that tell the entries of a list apart."""


@dataclass(frozen=True)
class Change:
    """A field that differs; None where a document does not have it."""

    field: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.field} was {_said(self.before)} and is {_said(self.after)}"


def changes(before: Any, after: Any) -> tuple[Change, ...]:
    """Fields that differ, in the order of their names; empty fields count as absent."""
    one, other = _flat(before), _flat(after)
    return tuple(
        Change(field, one.get(field), other.get(field))
        for field in sorted(one.keys() | other.keys())
        if one.get(field) != other.get(field)
    )


def _flat(document: Any) -> dict[str, Any]:
    return dict(_fields(json.loads(canonical_json(document)), ""))


def _fields(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _fields(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        seen: dict[str, int] = {}
        for one in value:
            name = next((str(one[key]) for key in NAMES if key in one), "")
            seen[name] = seen.get(name, 0) + 1
            # the same operator may stand in a pipeline twice
            label = name if seen[name] == 1 else f"{name}#{seen[name]}"
            yield from _fields(one, f"{path}.{label}")
    else:
        yield path, value


def _said(value: Any) -> str:
    return "absent" if value is None else json.dumps(value, ensure_ascii=False)
