"""Recipes that extend another: a control or a larger version says only what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sgnn.errors import RecipeError

_DEEPEST = 8


def extended(document: Mapping[str, Any], base: Callable[[str], Mapping[str, Any]], source: str) -> dict[str, Any]:
    """The document with what it inherits by its field `extends`, the name of another recipe.

    Mappings are merged field by field; lists and plain values of the document replace the inherited ones.
    `base` gives the document of a name. Raises `RecipeError` when recipes extend each other in a circle.
    """
    chain = [dict(document)]
    while "extends" in chain[-1]:
        if len(chain) > _DEEPEST:
            raise RecipeError(
                f"{source}: extends: recipes extend each other in a circle", remedy="name a recipe that extends none"
            )
        chain.append(dict(base(str(chain[-1].pop("extends")))))
    merged: dict[str, Any] = {}
    for part in reversed(chain):
        merged = _merge(merged, part)
    return merged


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inherited = merged.get(key)
        if isinstance(inherited, Mapping) and isinstance(value, Mapping):
            merged[key] = _merge(inherited, value)
        else:
            merged[key] = value
    return merged
