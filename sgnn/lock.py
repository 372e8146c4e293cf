"""Locks on files that the kernel frees when their process ends, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["hold", "is_free", "take"]


def take(path: Path) -> IO[bytes] | None:
    """Lock a file, making it where needed; the open file holds the lock until it is closed. None where another has it.

    `flock` locks belong to the open file, so that even the process that holds one sees it as taken.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock on a file that exists."""
    file = take(path)
    if file is None:
        return False
    file.close()
    return True


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Wait for the lock on a file, and hold it inside the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
