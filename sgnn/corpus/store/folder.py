"""Corpora in a local folder: an object is a file, written elsewhere and renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sgnn.corpus.store.contract import GROUP, CorpusStore
from sgnn.corpus.store.errors import told
from sgnn.corpus.store.staging import remove_stale, staging_folder

if TYPE_CHECKING:
    from zarr.abc.store import Store

STAGING = "staging"


@dataclass(frozen=True)
class FolderStore(CorpusStore):
    """One corpus in a local folder. Every object is written elsewhere and renamed, so none is ever seen half."""

    root: Path

    @property
    def url(self) -> str:
        """Path of the folder."""
        return str(self.root)

    def place(self, key: str) -> str:
        """Path of the object's file."""
        return str(self.root / key)

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None where there is no such object."""
        with told(f"cannot read {self.place(key)}"):
            try:
                return (self.root / key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def size(self, key: str) -> int | None:
        """Bytes of the object, or None where there is no such object."""
        with told(f"cannot read {self.place(key)}"):
            try:
                return (self.root / key).stat().st_size
            except (FileNotFoundError, NotADirectoryError):
                return None

    def names(self, prefix: str) -> list[str]:
        """Names of the files and folders in a folder, sorted; none where the folder is not there."""
        with told(f"cannot read {self.place(prefix)}"):
            try:
                return sorted(os.listdir(self.root / prefix))
            except (FileNotFoundError, NotADirectoryError):
                return []

    def sizes(self, prefix: str) -> dict[str, int]:
        """Bytes of the files in a folder, by name, sorted."""
        found = {}
        with told(f"cannot read {self.place(prefix)}"):
            try:
                with os.scandir(self.root / prefix) as entries:
                    found = {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}
            except (FileNotFoundError, NotADirectoryError):
                return {}
        return dict(sorted(found.items()))

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object, whole or not at all."""
        target = self.root / key
        with self.staging() as folder, told(f"cannot write {target}"):
            draft = folder / target.name
            draft.write_bytes(data)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(draft, target)

    def create_exclusive(self, key: str, data: bytes) -> bool:
        """Write an object that must not exist yet, to the disk itself; False where another writer was first."""
        target = self.root / key
        with self.staging() as folder, told(f"cannot write {target}"):
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
        """Rename a staged file over whatever had its final name."""
        target = self.root / key
        with told(f"cannot write {target}"):
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(staged, target)

    def remove(self, key: str) -> None:
        """Remove an object, if there is one."""
        with told(f"cannot write {self.place(key)}"):
            (self.root / key).unlink(missing_ok=True)

    def remove_all(self, prefix: str) -> None:
        """Remove a folder with all that is in it, if it is there."""
        with told(f"cannot write {self.place(prefix)}"):
            try:
                shutil.rmtree(self.root / prefix)
            except FileNotFoundError:
                return

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder on the same disk for one task's unpublished files; gone afterwards."""
        with ExitStack() as stack:
            with told(f"cannot write {self.root / STAGING}"):
                folder = stack.enter_context(staging_folder(self.root / STAGING))
            yield folder

    def remove_stale_staging(self) -> int:
        """Remove what tasks that are no longer alive left unpublished; how many there were."""
        with told(f"cannot write {self.root / STAGING}"):
            return remove_stale(self.root / STAGING)

    @contextmanager
    def fetched(self, keys: Iterable[str]) -> Iterator[Path]:
        """The corpus's own folder: its files are read where they lie."""
        yield self.root

    def zarr_group(self) -> Store:
        """The folder of the Zarr group."""
        from zarr.storage import LocalStore

        return LocalStore(self.root / GROUP, read_only=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
