"""What made a result: the version and commit of this code, the interpreter, the packages."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packaging.utils import canonicalize_name

import sgnn
from sgnn.corpus.provenance import git_commit

__all__ = ["CodeVersion", "code_version", "installed_packages", "machine"]


@dataclass(frozen=True)
class CodeVersion:
    """Version of this package and, where it runs from a git checkout, the commit and whether files were changed."""

    version: str
    commit: str | None
    dirty: bool

    def __str__(self) -> str:
        if self.commit is None:
            return self.version
        return f"{self.version} ({self.commit[:12]}{', with uncommitted changes' if self.dirty else ''})"


def code_version() -> CodeVersion:
    """Version of this package, and the commit of the checkout that it is imported from, if it is from one."""
    commit = git_commit()
    if commit is None:
        return CodeVersion(sgnn.__version__, None, False)
    return CodeVersion(sgnn.__version__, commit.removesuffix("+"), commit.endswith("+"))


@cache
def installed_packages() -> tuple[str, ...]:
    """All installed packages as `name==version`, in alphabetical order."""
    found: dict[str, str] = {}
    for place in sys.path:
        # folders are named by what they hold; reading the metadata inside takes a hundred times as long
        for folder in Path(place or ".").glob("*.dist-info"):
            name, _, version = folder.name.removesuffix(".dist-info").partition("-")
            found.setdefault(canonicalize_name(name), version)
    return tuple(f"{name}=={found[name]}" for name in sorted(found))


def machine() -> dict[str, str]:
    """Interpreter, operating system and number of cores."""
    return {"python": platform.python_version(), "platform": platform.platform(), "cores": str(os.cpu_count())}
