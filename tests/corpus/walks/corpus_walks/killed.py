"""Builds in processes of their own that are killed at a chosen operation of their store."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any, Literal

from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.store.folder import FolderStore
from sgnn.settings import load_settings

# it imports once what each build needs, and is itself a process without threads
SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload([__name__, "zarr", "zarrs", "sgnn.corpus.group"])


@dataclass(frozen=True)
class Kill:
    """Where a build dies: just before or just after an operation of the store on a key, a shell pattern."""

    when: Literal["before", "after"]
    operation: str
    key: str

    def __str__(self) -> str:
        return f"{self.when} {self.operation} {self.key}"


def build(recipe: str, home: str, environment: Mapping[str, str], kill: Kill | None) -> None:
    """Build a recipe, given as JSON, in this process."""
    os.environ.update(environment)
    if kill is not None:
        original = getattr(FolderStore, kill.operation)
        setattr(FolderStore, kill.operation, killed(original, kill))
    plan = prepare(Recipe.model_validate_json(recipe), load_settings(home=home))
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)


def killed(original: Callable[..., Any], kill: Kill) -> Callable[..., Any]:
    """The operation, which kills its process where it is told to."""

    def operation(store: FolderStore, *arguments: Any) -> Any:
        here = any(isinstance(one, str) and fnmatch(one, kill.key) for one in arguments)
        if here and kill.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(store, *arguments)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return operation


def build_elsewhere(recipe: Recipe, home: Any, kill: Kill | None = None) -> int | None:
    """Exit status of a build in a process of its own; minus nine where it was killed."""
    environment = {name: value for name, value in os.environ.items() if name.startswith("WALKS_")}
    process = SERVER.Process(target=build, args=(recipe.model_dump_json(), str(home), environment, kill))
    process.start()
    process.join()
    return process.exitcode
