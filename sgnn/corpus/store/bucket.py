"""Corpora in a bucket of S3 or of a store that speaks its protocol: an object is an object, written by one PUT."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import sgnn.corpus.store.client as connection
from sgnn.corpus.store.asking import AbsentError, TakenError, ask
from sgnn.corpus.store.contract import GROUP, CorpusStore
from sgnn.corpus.store.errors import told
from sgnn.corpus.store.staging import remove_stale, staging_folder
from sgnn.errors import StoreError

if TYPE_CHECKING:
    from obstore import PutMode
    from obstore.store import S3Store
    from zarr.abc.store import Store

Item = TypeVar("Item")
Result = TypeVar("Result")

SCHEME = "s3://"
PART = 16 * 2**20
"""Bytes: larger files are sent in parts of this size, each in memory while it is sent."""
AT_ONCE = 8
"""Requests of one task under way at the same time; each holds at most one part in memory."""
PIECE = 2**20
"""Bytes of an answer that are written to disk at a time."""


@dataclass(frozen=True)
class BucketStore(CorpusStore):
    """One corpus in a bucket. An object appears by the last byte of its PUT, so none is ever seen half.

    `patience` is for how many seconds a request is tried again; `local` is where unpublished and fetched files lie.
    """

    bucket: str
    prefix: str
    patience: float
    local: Path

    @property
    def url(self) -> str:
        """`s3://`, bucket and prefix."""
        return f"{SCHEME}{self.bucket}/{self.prefix}".rstrip("/")

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None where there is no such object."""
        import obstore

        return self._if_there(lambda: bytes(obstore.get(self._client, self._full(key)).bytes()), "read", key)

    def get_all(self, keys: Iterable[str]) -> dict[str, bytes | None]:
        """Bytes of several objects, asked for at the same time."""
        wanted = list(keys)
        return dict(zip(wanted, _together(self.get, wanted), strict=True))

    def size(self, key: str) -> int | None:
        """Bytes of the object, or None where there is no such object."""
        import obstore

        return self._if_there(lambda: obstore.head(self._client, self._full(key))["size"], "read", key)

    def names(self, prefix: str) -> list[str]:
        """Names directly under a prefix, of objects and of further prefixes, sorted; none where nothing is there."""
        objects, prefixes = self._listing(prefix)
        return sorted([*objects, *prefixes])

    def sizes(self, prefix: str) -> dict[str, int]:
        """Bytes of the objects directly under a prefix, by name, sorted: a request for each thousand."""
        return dict(sorted(self._listing(prefix)[0].items()))

    def put(self, key: str, data: bytes) -> None:
        """Write or replace an object, whole or not at all."""
        self._send(key, data, "overwrite")

    def create_exclusive(self, key: str, data: bytes) -> bool:
        """Write an object that must not exist yet; False where another writer was first."""
        try:
            self._send(key, data, "create")
        except TakenError as error:
            # the answer to an earlier try may have been lost on its way: then the object is ours, and has our bytes
            return error.tries > 0 and self.get(key) == data
        return True

    def publish(self, staged: Path, key: str) -> None:
        """Send a staged file, over whatever had its key."""
        self._send(key, staged, "overwrite")

    def publish_all(self, staged: Mapping[str, Path]) -> None:
        """Send several staged files at the same time."""
        _together(lambda key: self.publish(staged[key], key), list(staged))

    def remove(self, key: str) -> None:
        """Remove an object, if there is one."""
        import obstore

        self._if_there(lambda: obstore.delete(self._client, self._full(key)), "remove", key)

    def remove_all(self, prefix: str) -> None:
        """Remove all objects under a prefix, however deep, if there are any."""
        import obstore

        def removed() -> None:
            for found in obstore.list(self._client, self._full(prefix), chunk_size=1000):
                obstore.delete(self._client, [one["path"] for one in found])

        self._if_there(removed, "remove", prefix)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder on the local disk for one task's unpublished files; gone afterwards."""
        with ExitStack() as stack:
            with told(f"cannot write {self.local}"):
                folder = stack.enter_context(staging_folder(self.local))
            yield folder

    def remove_stale_staging(self) -> int:
        """Remove what tasks of this machine that are no longer alive left unpublished; how many there were."""
        with told(f"cannot write {self.local}"):
            return remove_stale(self.local)

    @contextmanager
    def fetched(self, keys: Iterable[str]) -> Iterator[Path]:
        """A folder with copies of the objects, asked for at the same time; gone afterwards."""
        with self.staging() as folder:
            _together(lambda key: self._fetch(key, folder / key), list(keys))
            yield folder

    def zarr_group(self) -> Store:
        """The corpus's Zarr group as a read-only Zarr store, for zarr and xarray."""
        from zarr.storage import ObjectStore

        return ObjectStore(connection.client(self.bucket, self.patience, self._full(GROUP), retry=True), read_only=True)

    @property
    def _client(self) -> S3Store:
        return connection.client(self.bucket, self.patience)

    def _full(self, key: str) -> str:
        return f"{self.prefix}/{key}".strip("/")

    def _if_there(self, request: Callable[[], Result], verb: str, key: str) -> Result | None:
        try:
            return ask(request, f"cannot {verb} {self.place(key)}", self.patience)
        except AbsentError:
            return None

    def _send(self, key: str, data: bytes | Path, mode: PutMode) -> None:
        import obstore

        large = isinstance(data, Path) and data.stat().st_size > PART
        what = f"cannot write {self.place(key)}"
        try:
            ask(
                lambda: obstore.put(
                    self._client,
                    self._full(key),
                    data,
                    mode=mode,
                    use_multipart=large,
                    chunk_size=PART,
                    max_concurrency=1,
                ),
                what,
                self.patience,
            )
        except AbsentError as error:
            raise StoreError(f"{what}: the store says there is no such place", remedy="check SGNN_STORE") from error

    def _listing(self, prefix: str) -> tuple[dict[str, int], list[str]]:
        """Bytes of the objects directly under a prefix by name, and the names of further prefixes."""
        import obstore

        found = self._if_there(
            lambda: obstore.list_with_delimiter(self._client, self._full(prefix) or None), "list", prefix
        )
        if found is None:
            return {}, []
        objects = {one["path"].rpartition("/")[2]: one["size"] for one in found["objects"]}
        return objects, [one.rstrip("/").rpartition("/")[2] for one in found["common_prefixes"]]

    def _fetch(self, key: str, file: Path) -> None:
        """Copy an object into a file, piece by piece; no file where there is no such object."""
        import obstore

        def copied() -> None:
            answer = obstore.get(self._client, self._full(key))
            with told(f"cannot write {file}"):
                file.parent.mkdir(parents=True, exist_ok=True)
                target = file.open("wb")
            with target:
                for piece in answer.stream(min_chunk_size=PIECE):
                    with told(f"cannot write {file}"):
                        target.write(piece)
            if file.stat().st_size != answer.meta["size"]:
                raise ConnectionError("the answer was cut off")

        self._if_there(copied, "read", key)


def bucket_store(url: str, patience: float, local: Path) -> BucketStore:
    """The store that an `s3://` URL names. Raises `StoreError` for a URL without a bucket."""
    bucket, _, prefix = url.removeprefix(SCHEME).partition("/")
    if not bucket:
        raise StoreError(f"store {url} names no bucket", remedy="write s3://BUCKET/PREFIX")
    return BucketStore(bucket, prefix.strip("/"), patience, local)


def _together(work: Callable[[Item], Result], items: list[Item]) -> list[Result]:
    """Results of the work on all items, several at a time, in order. Raises the first error when all have ended."""
    if len(items) < 2:
        return [work(item) for item in items]
    with ThreadPoolExecutor(min(AT_ONCE, len(items)), thread_name_prefix="store") as pool:
        return list(pool.map(work, items))
