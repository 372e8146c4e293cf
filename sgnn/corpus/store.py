"""The effects a corpus needs from where it is kept: whole objects, exclusive creation, publishing of staged files.

Callers see keys such as `records/000003.json`. A local folder is the one kind there is; an object store needs the same
methods, with a PUT for `put` and `publish`, and a conditional PUT for `create_exclusive`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sgnn.corpus.staging import remove_stale, staging_folder
from sgnn.errors import StoreError

GROUP = "corpus.zarr"
"""Folder of the Zarr group inside a corpus; its neighbours are not Zarr, and a Zarr reader need not step over them."""


@dataclass(frozen=True)
class CorpusStore:
    """One corpus in a local folder. Every object is written elsewhere and renamed, so none is ever seen half."""

    root: Path

    @property
    def group(self) -> Path:
        """The Zarr group that plain xarray opens."""
        return self.root / GROUP

    def place(self, key: str) -> str:
        """Where an object is, for messages."""
        return str(self.root / key)

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None where there is no such object."""
        with _told(f"cannot read {self.place(key)}"):
            try:
                return (self.root / key).read_bytes()
            except FileNotFoundError:
                return None

    def size(self, key: str) -> int | None:
        """Bytes of the object, or None where there is no such object."""
        with _told(f"cannot read {self.place(key)}"):
            try:
                return (self.root / key).stat().st_size
            except FileNotFoundError:
                return None

    def names(self, prefix: str) -> list[str]:
        """Names of the objects under a prefix, sorted; none where the prefix is not there."""
        with _told(f"cannot read {self.place(prefix)}"):
            try:
                return sorted(os.listdir(self.root / prefix))
            except FileNotFoundError:
                return []

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object, whole or not at all."""
        target = self.root / key
        with self.staging() as folder, _told(f"cannot write {target}"):
            draft = folder / target.name
            draft.write_bytes(data)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(draft, target)

    def create_exclusive(self, key: str, data: bytes) -> bool:
        """Write an object that must not exist yet, to the disk itself; False where another writer was first."""
        target = self.root / key
        with self.staging() as folder, _told(f"cannot write {target}"):
            draft = folder / target.name
            draft.write_bytes(data)
            _flush(draft)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(draft, target)
            except FileExistsError:
                return False
            _flush(target.parent)
            return True

    def publish(self, staged: Path, key: str) -> None:
        """Give a staged file its final name, over whatever had that name."""
        target = self.root / key
        with _told(f"cannot write {target}"):
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(staged, target)

    def remove(self, key: str) -> None:
        """Remove an object, if there is one."""
        with _told(f"cannot write {self.place(key)}"):
            (self.root / key).unlink(missing_ok=True)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty local folder for one task's unpublished files; gone afterwards."""
        with ExitStack() as stack:
            with _told(f"cannot write {self.root / 'staging'}"):
                folder = stack.enter_context(staging_folder(self.root / "staging"))
            yield folder

    def remove_stale_staging(self) -> int:
        """Remove what tasks that are no longer alive left unpublished; how many there were."""
        with _told(f"cannot write {self.root / 'staging'}"):
            return remove_stale(self.root / "staging")


def corpora_folder(url: str) -> Path:
    """Folder that holds the corpora. Raises `StoreError` for a kind of store that is not supported."""
    if "://" in url:
        raise StoreError(f"store {url}: only local folders hold corpora", remedy="set SGNN_STORE to a folder")
    return Path(url)


def corpus_folder(url: str, name: str, key: str) -> Path:
    """Folder of one corpus: its name, and enough of its key to tell it from others of that name."""
    return corpora_folder(url) / f"{name}-{key[:12]}"


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
def _told(what: str) -> Iterator[None]:
    """Turns an operating system's error into one line of ours."""
    try:
        yield
    except OSError as error:
        reason, remedy = explain(error)
        raise StoreError(f"{what}: {reason}", remedy=remedy) from error


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
