"""The effects a corpus needs from where it is kept: whole objects, exclusive creation, publishing of staged files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zarr.abc.store import Store

GROUP = "corpus.zarr"
"""Place of the Zarr group inside a corpus; its neighbours are not Zarr, and a Zarr reader need not step over them."""


class CorpusStore(ABC):
    """The objects of one corpus, by keys such as `records/000003.json`. None is ever seen half.

    A store is a value: it can be sent to another process, or opened there from its `url`. Every method raises
    `StoreError`, in one line, where the place cannot be read or written.
    """

    @property
    @abstractmethod
    def url(self) -> str:
        """What `open_store` opens this store from: the path of a folder, or the URL of a bucket with a prefix."""

    @property
    def name(self) -> str:
        """Last part of the URL: the corpus's name with the beginning of its key."""
        return self.url.rpartition("/")[2]

    def place(self, key: str) -> str:
        """Where an object is, for messages and for other programs."""
        return f"{self.url}/{key}".rstrip("/")

    @abstractmethod
    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None where there is no such object."""

    def get_all(self, keys: Iterable[str]) -> dict[str, bytes | None]:
        """Bytes of several objects by key, None for those that are not there; all are held in memory."""
        return {key: self.get(key) for key in keys}

    @abstractmethod
    def size(self, key: str) -> int | None:
        """Bytes of the object, or None where there is no such object."""

    @abstractmethod
    def names(self, prefix: str) -> list[str]:
        """Names directly under a prefix, of objects and of further prefixes, sorted; none where nothing is there."""

    @abstractmethod
    def sizes(self, prefix: str) -> dict[str, int]:
        """Bytes of the objects directly under a prefix, by name, sorted: one listing, however many there are."""

    @abstractmethod
    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object, whole or not at all."""

    @abstractmethod
    def create_exclusive(self, key: str, data: bytes) -> bool:
        """Write an object that must not exist yet, durably; False where another writer was first."""

    @abstractmethod
    def publish(self, staged: Path, key: str) -> None:
        """Give a staged file its final key, over whatever had that key."""

    def publish_all(self, staged: Mapping[str, Path]) -> None:
        """Publish several staged files by key, in any order."""
        for key, file in staged.items():
            self.publish(file, key)

    @abstractmethod
    def remove(self, key: str) -> None:
        """Remove an object, if there is one."""

    @abstractmethod
    def remove_all(self, prefix: str) -> None:
        """Remove all objects under a prefix, however deep, if there are any; the empty prefix is the whole corpus."""

    @abstractmethod
    def staging(self) -> AbstractContextManager[Path]:
        """An empty local folder for one task's unpublished files; gone afterwards."""

    @abstractmethod
    def remove_stale_staging(self) -> int:
        """Remove what tasks of this machine that are no longer alive left unpublished; how many there were."""

    @abstractmethod
    def fetched(self, keys: Iterable[str]) -> AbstractContextManager[Path]:
        """A local folder in which these objects lie under their keys, to be read only; absent ones are not in it."""

    @abstractmethod
    def zarr_group(self) -> Store:
        """The corpus's Zarr group as a read-only Zarr store, for zarr and xarray."""
