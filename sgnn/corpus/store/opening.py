"""From a URL to the store that it names."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from sgnn.corpus.store.bucket import SCHEME, bucket_store
from sgnn.corpus.store.contract import CorpusStore
from sgnn.corpus.store.folder import FolderStore
from sgnn.errors import StoreError
from sgnn.settings import load_settings


def open_store(url: str, *, patience: float | None = None) -> CorpusStore:
    """The store of one corpus: the path of a folder, its `file://` URL, or `s3://BUCKET/PREFIX`.

    Nothing is read or written yet. `patience` is for how many seconds a bucket's requests are tried again; where not
    given it is the setting, as is the folder for local copies. Raises `StoreError` for another kind of store.
    """
    if url.startswith(SCHEME):
        settings = load_settings()
        return bucket_store(url, settings.store_patience if patience is None else patience, settings.staging_folder)
    if "://" not in url:
        # workers and child processes may have another working folder
        return FolderStore(Path(os.path.abspath(url)))
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderStore(Path(url2pathname(parts.path)))
    raise StoreError(
        f"store {url}: corpora are kept in folders and in buckets of S3",
        remedy="set SGNN_STORE to a folder or s3:// URL",
    )


def corpus_url(store_url: str, name: str, key: str) -> str:
    """URL of one corpus in a store of corpora: its name, and enough of its key to tell it from others of that name."""
    return f"{store_url.rstrip('/')}/{name}-{key[:12]}"


def corpus_store(store_url: str, name: str, key: str) -> CorpusStore:
    """Store of one corpus in a store of corpora. Raises as `open_store` does."""
    return open_store(corpus_url(store_url, name, key))


def corpora(store_url: str, marker: str) -> tuple[CorpusStore, ...]:
    """Every corpus in a store of corpora that has the object `marker`, by name."""
    found = (open_store(f"{store_url.rstrip('/')}/{name}") for name in open_store(store_url).names(""))
    return tuple(store for store in found if store.size(marker) is not None)
