"""From a URL to the store that it names."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from sgnn.corpus.store.contract import CorpusStore
from sgnn.corpus.store.folder import FolderStore
from sgnn.errors import StoreError


def open_store(url: str) -> CorpusStore:
    """The store of one corpus: the path of a folder, or its `file://` URL.

    Nothing is read or written yet. Raises `StoreError` for a kind of store that is not supported.
    """
    if "://" not in url:
        # workers and child processes may have another working folder
        return FolderStore(Path(os.path.abspath(url)))
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderStore(Path(url2pathname(parts.path)))
    raise StoreError(f"store {url}: only local folders hold corpora", remedy="set SGNN_STORE to a folder")


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
