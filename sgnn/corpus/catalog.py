"""Finding a corpus by what people call it: name, name@version, name@tag, digest, folder."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from sgnn.corpus.ledger import LAYOUT_KEY, manifest_if_there, manifest_of, versions
from sgnn.corpus.manifest import Manifest
from sgnn.corpus.store import GROUP, CorpusStore, corpora, open_store
from sgnn.corpus.tags import tagged, unknown_tag
from sgnn.errors import StoreError, UnknownNameError

DIGEST_PREFIX = re.compile(r"^[0-9a-f]{6,32}$")


@dataclass(frozen=True)
class Pinned:
    """A corpus and one of its versions."""

    store: CorpusStore
    manifest: Manifest


def find_corpus(ref: str | Path, store_url: str) -> Pinned:
    """The corpus and version that `ref` means: a place, `name`, `name@version`, `name@tag`, or the start of a digest.

    A place is a folder or a URL. Without a version it is the newest; of several corpora with one name, the one
    committed last, or the one that has the tag. A digest is told by six figures and more, and may be that of the corpus
    key, recipe or content. Raises `UnknownNameError`, `StoreError`, `CorruptCorpusError`.
    """
    name, which = split_ref(str(ref))
    named = corpora_named(name, store_url)
    if named:
        return _last_committed(named, which, name)
    stores = all_corpora(store_url)
    found = _by_digest(stores, name) if DIGEST_PREFIX.match(name) and which is None else None
    if found is not None:
        return found
    known = sorted({store.name.rpartition("-")[0] for store in stores})
    near = difflib.get_close_matches(name, known, cutoff=0.4) or known
    raise UnknownNameError(
        f"no corpus '{name}' in {store_url}", remedy=f"there are: {', '.join(near) or 'none, build one'}"
    )


def split_ref(ref: str) -> tuple[str, int | str | None]:
    """Name or place, and the version's number or tag that is asked for, if any."""
    name, at, which = ref.rpartition("@")
    if not at:
        return ref, None
    return name, int(which) if which.isdigit() else which


def corpora_named(name: str, store_url: str) -> tuple[CorpusStore, ...]:
    """Corpora of a name, committed or not; or the one in a place. Raises `StoreError` for a place without a corpus."""
    place = name.rstrip("/").removesuffix(f"/{GROUP}")
    if "/" in name or open_store(place).size(LAYOUT_KEY) is not None:
        store = open_store(place)
        if store.size(LAYOUT_KEY) is None:
            raise StoreError(f"no corpus in {place}", remedy="`sgnn corpus build` makes one")
        return (store,)
    return tuple(store for store in all_corpora(store_url) if name in (store.name, store.name.rpartition("-")[0]))


def all_corpora(store_url: str) -> tuple[CorpusStore, ...]:
    """Every corpus of the store, committed or not, by name."""
    return corpora(store_url, LAYOUT_KEY)


def _pinned(store: CorpusStore, which: int | str | None) -> Pinned:
    if isinstance(which, int):
        return Pinned(store, manifest_of(store, which))
    if isinstance(which, str):
        version = tagged(store, which)
        if version is None:
            raise unknown_tag(store, which)
        return Pinned(store, manifest_of(store, version))
    for number in reversed(versions(store)):
        # the newest may be expired in this moment
        manifest = manifest_if_there(store, number)
        if manifest is not None:
            return Pinned(store, manifest)
    raise StoreError(f"nothing of {store.name} is committed yet", remedy="`sgnn corpus build` finishes it")


def _last_committed(stores: tuple[CorpusStore, ...], which: int | str | None, name: str) -> Pinned:
    committed = [_pinned(store, None) for store in stores if versions(store)]
    if not committed:
        raise StoreError(f"nothing of corpus '{name}' is committed yet", remedy="`sgnn corpus build` finishes it")
    with_tag = [one for one in committed if isinstance(which, str) and tagged(one.store, which) is not None]
    last = max(with_tag or committed, key=lambda pinned: pinned.manifest.committed)
    return last if which is None else _pinned(last.store, which)


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
