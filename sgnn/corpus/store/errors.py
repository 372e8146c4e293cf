"""An operating system's error in words: what went wrong with a folder, and what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sgnn.errors import StoreError


def explain(error: Exception) -> tuple[str, str]:
    """Reason and remedy of a failed read or write, in words."""
    if not isinstance(error, OSError):
        return str(error), "check the folder, or set SGNN_STORE to another one"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "no space left on the disk", "free some space and run again: finished blocks are kept"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "not allowed", "check the folder's owner and permissions, or set SGNN_STORE to another folder"
    return error.strerror or str(error), "check the folder, or set SGNN_STORE to another one"


@contextmanager
def told(what: str) -> Iterator[None]:
    """Turns an operating system's error into one line of ours."""
    try:
        yield
    except OSError as error:
        reason, remedy = explain(error)
        raise StoreError(f"{what}: {reason}", remedy=remedy) from error
