"""Tags: movable names of versions, `name@tag`. Each is one object, so of two taggers at once the later one stands."""

from __future__ import annotations

import json
import re

from sgnn.corpus.expiry import expiring
from sgnn.corpus.ledger import manifest_if_there, manifest_of
from sgnn.corpus.provenance import now
from sgnn.corpus.store import CorpusStore
from sgnn.errors import CorruptCorpusError, StoreError, UnknownNameError

TAGS = "tags"
TAG = re.compile(r"^[a-z][a-z0-9._-]*$")


def tags(store: CorpusStore) -> dict[str, int]:
    """Version of every tag, by name. Raises `CorruptCorpusError`."""
    found = {}
    for name in store.names(TAGS):
        version = _read(store, name.removesuffix(".json"))
        if version is not None:
            found[name.removesuffix(".json")] = version
    return found


def tagged(store: CorpusStore, tag: str) -> int | None:
    """The version that a tag names, or None where there is no such tag. Raises `CorruptCorpusError`."""
    return _read(store, tag) if TAG.match(tag) else None


def set_tag(store: CorpusStore, version: int, tag: str) -> int | None:
    """Let a tag name a version; gives the version that it named before.

    Whoever writes last has it. Raises `UnknownNameError` for what cannot be a tag, `StoreError` for a version that is
    not there, or that is expired in this moment.
    """
    if not TAG.match(tag):
        raise UnknownNameError(
            f"'{tag}' cannot be a tag", remedy="a tag is lower-case letters, figures, dots and dashes: paper-2"
        )
    manifest_of(store, version)
    before = _read(store, tag)
    store.put(_key(tag), json.dumps({"version": version, "tagged": now()}).encode())
    # an expiry writes down what it will remove before it looks at tags, and a tagger looks after it has written
    if version in expiring(store) or manifest_if_there(store, version) is None:
        store.remove(_key(tag))
        raise StoreError(f"version {version} of {store.name} is expired in this moment", remedy="tag another version")
    return before


def remove_tag(store: CorpusStore, tag: str) -> int:
    """Remove a tag; gives the version that it named. Raises `UnknownNameError` where there is none."""
    version = tagged(store, tag)
    if version is None:
        raise unknown_tag(store, tag)
    store.remove(_key(tag))
    return version


def unknown_tag(store: CorpusStore, tag: str) -> UnknownNameError:
    """The error for a tag that is not there."""
    there = ", ".join(tags(store)) or "none"
    return UnknownNameError(
        f"{store.name} has no tag '{tag}'", remedy=f"tags there: {there}; a version is a number: covid@2"
    )


def _read(store: CorpusStore, tag: str) -> int | None:
    text = store.get(_key(tag))
    if text is None:
        return None
    try:
        return int(json.loads(text)["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptCorpusError(
            f"{store.place(_key(tag))}: not a tag", remedy=f"`sgnn corpus tag` with {tag} writes it anew"
        ) from error


def _key(tag: str) -> str:
    return f"{TAGS}/{tag}.json"
