"""Finding a corpus by what people call it: name, name@version, digest, folder."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from sgnn.corpus.ledger import LAYOUT_KEY, manifest_of, versions
from sgnn.corpus.manifest import Manifest
from sgnn.corpus.store import GROUP, CorpusStore, corpora, open_store
from sgnn.errors import StoreError, UnknownNameError

DIGEST_PREFIX = re.compile(r"^[0-9a-f]{6,32}$")


@dataclass(frozen=True)
class Pinned:
    """A corpus and one of its versions."""

    store: CorpusStore
    manifest: Manifest


def find_corpus(ref: str | Path, store_url: str) -> Pinned:
    """The corpus and version that `ref` means: a place, `name`, `name@version`, or six figures and more of a digest.

    A place is a folder or a URL. Without a version it is the newest; of several corpora with one name, the one
    committed last. A digest may be that of the corpus key, recipe or content. Raises `UnknownNameError`,
    `StoreError`, `CorruptCorpusError`.
    """
    name, at, number = str(ref).rpartition("@")
    if not at:
        name, number = number, ""
    if at and not number.isdigit():
        raise UnknownNameError(f"corpus '{ref}': no version '{number}'", remedy="a version is a number: covid@2")
    version = int(number) if at else None
    place = name.rstrip("/").removesuffix(f"/{GROUP}")
    if "/" in name or open_store(place).size(LAYOUT_KEY) is not None:
        store = open_store(place)
        if store.size(LAYOUT_KEY) is None:
            raise StoreError(f"no corpus in {place}", remedy="`sgnn corpus build` makes one")
        return _pinned(store, version)
    stores = all_corpora(store_url)
    named = [store for store in stores if name in (store.name, store.name.rpartition("-")[0])]
    if named:
        return _last_committed(named, version, name)
    found = _by_digest(stores, name) if DIGEST_PREFIX.match(name) and version is None else None
    if found is not None:
        return found
    known = sorted({store.name.rpartition("-")[0] for store in stores})
    near = difflib.get_close_matches(name, known, cutoff=0.4) or known
    raise UnknownNameError(
        f"no corpus '{name}' in {store_url}", remedy=f"there are: {', '.join(near) or 'none, build one'}"
    )


def all_corpora(store_url: str) -> tuple[CorpusStore, ...]:
    """Every corpus of the store, committed or not, by name."""
    return corpora(store_url, LAYOUT_KEY)


def _pinned(store: CorpusStore, version: int | None) -> Pinned:
    numbers = versions(store)
    if not numbers:
        raise StoreError(f"nothing of {store.name} is committed yet", remedy="`sgnn corpus build` finishes it")
    return Pinned(store, manifest_of(store, numbers[-1] if version is None else version))


def _last_committed(stores: list[CorpusStore], version: int | None, name: str) -> Pinned:
    committed = [_pinned(store, None) for store in stores if versions(store)]
    if not committed:
        raise StoreError(f"nothing of corpus '{name}' is committed yet", remedy="`sgnn corpus build` finishes it")
    last = max(committed, key=lambda pinned: pinned.manifest.committed)
    return last if version is None else _pinned(last.store, version)


def _by_digest(stores: tuple[CorpusStore, ...], prefix: str) -> Pinned | None:
    """The newest version one of whose digests starts so. Raises `UnknownNameError` where several corpora have one."""
    found: dict[str, Pinned] = {}
    for store in stores:
        for version in versions(store):
            manifest = manifest_of(store, version)
            digests = (manifest.key, manifest.recipe_digest, manifest.content_digest)
            if any(digest.startswith(prefix) for digest in digests):
                found[store.name] = Pinned(store, manifest)
    if len(found) > 1:
        names = ", ".join(sorted(found))
        raise UnknownNameError(f"digest {prefix} means several corpora: {names}", remedy="write more of it")
    return next(iter(found.values()), None)
