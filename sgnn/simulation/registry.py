"""What installed packages offer by entry points: simulators, observation operators, tasks, protocols, recipes,
classical estimators.

A user's own package plugs in by the same entry points as the domains shipped here.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any

from sgnn.errors import UnknownNameError

SIMULATORS = "sgnn.simulators"
OBSERVATIONS = "sgnn.observations"
TASKS = "sgnn.tasks"
PROTOCOLS = "sgnn.protocols"
RECIPES = "sgnn.recipes"
ESTIMATORS = "sgnn.estimators"


Places = tuple[tuple[str, int | None], ...]
"""Folders in which packages are looked for, each with the time of its last change."""


def points(group: str) -> EntryPoints:
    """All entry points of a group, not loaded."""
    return _listed(_places()).get(group, EntryPoints())


def names(group: str) -> tuple[str, ...]:
    """Names registered in a group, in alphabetical order."""
    return tuple(sorted({point.name for point in points(group)}))


def entry(group: str, name: str) -> EntryPoint:
    """Entry point of a name, not loaded. Raises `UnknownNameError` with near names."""
    found = [point for point in points(group) if point.name == name]
    if not found:
        known = names(group)
        near = difflib.get_close_matches(name, known, n=5, cutoff=0.4) or known
        kind = group.removeprefix("sgnn.").removesuffix("s")
        raise UnknownNameError(f"no {kind} named '{name}'", remedy=f"one of: {', '.join(near) or 'none installed'}")
    return found[0]


def find(group: str, name: str) -> Any:
    """What is registered under a name. Raises `UnknownNameError` where nothing is, or where it cannot be imported."""
    point = entry(group, name)
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise UnknownNameError(
            f"'{name}' is registered as {point.value} but cannot be imported: {error}",
            remedy="install its package anew",
        ) from error


@lru_cache(maxsize=4)
def _listed(_: Places) -> Mapping[str, EntryPoints]:
    """Entry points by group: a file is read for each installed package, and a recipe asks dozens of times."""
    every = entry_points()
    return {group: every.select(group=group) for group in every.groups}


def _places() -> Places:
    return tuple((folder, _changed(folder or ".")) for folder in sys.path)


def _changed(folder: str) -> int | None:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return None
