"""Which code made a corpus."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sgnn


def provenance() -> dict[str, Any]:
    """Version of sgnn, git commit where it runs from a checkout, and the time; nothing about the machine."""
    return {"sgnn_version": sgnn.__version__, "git_commit": git_commit(), "created": now()}


def now() -> str:
    """The time, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def git_commit() -> str | None:
    """Commit of the checkout that the package is imported from, with `+` where files differ; None outside of one."""
    package = Path(sgnn.__file__).parent
    try:
        told = subprocess.run(
            ["git", "-C", str(package), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        tracked = subprocess.run(
            ["git", "-C", str(package), "ls-files", "--error-unmatch", "__init__.py"], capture_output=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return None
    # an installed package may lie inside somebody else's checkout
    return told.stdout.strip() if tracked.returncode == 0 else None
