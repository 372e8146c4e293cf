"""Folders for unpublished files, each locked by the process that writes it, so that a dead one's are told apart."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def staging_folder(parent: Path) -> Iterator[Path]:
    """A new folder in `parent`, held by a file lock that ends with the process, however that ends."""
    parent.mkdir(parents=True, exist_ok=True)
    name = secrets.token_hex(8)
    lock = parent / f"{name}.lock"
    descriptor = _hold(lock)
    folder = parent / name
    try:
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(FileNotFoundError):
            lock.unlink()
        os.close(descriptor)


def remove_stale(parent: Path) -> int:
    """Remove the folders in `parent` whose process is gone; how many there were."""
    removed = 0
    for lock in sorted(parent.glob("*.lock")):
        try:
            descriptor = os.open(lock, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            with suppress(FileNotFoundError):
                lock.unlink()
            removed += 1
        finally:
            os.close(descriptor)
    return removed


def _hold(lock: Path) -> int:
    """Descriptor of the locked file `lock`."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # between creating and locking it, somebody who took it for stale may have removed it
        with suppress(FileNotFoundError):
            if os.stat(lock).st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        os.close(descriptor)
