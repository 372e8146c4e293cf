"""Expiring versions and reclaiming their space, beside readers and writers, and killed at any moment.

An expiry is written down, then takes the next version number out of use by an empty object: a build that was planned
before cannot commit on what is being removed; it looks again at what is there. One that is planned later finds the
expiry written down and finishes it first. Removing is done in an order that can be done again from the start.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

import numpy as np

from sgnn.corpus.expiry import EXPIRIES, Expiry, plan_expiry, read_expiry
from sgnn.corpus.group import show_longest
from sgnn.corpus.history import manifests
from sgnn.corpus.layout import Layout
from sgnn.corpus.ledger import LAYOUT_KEY, last_number, layout_of, segment_of
from sgnn.corpus.manifest import Manifest, manifest_key
from sgnn.corpus.record import RECORDS, record_key
from sgnn.corpus.segment import NO_FILE, SEGMENTS
from sgnn.corpus.store import GROUP, CorpusStore
from sgnn.corpus.tags import TAGS, tags
from sgnn.errors import StoreError

NAME = re.compile(r"^(\d{6})-[0-9a-f]{8}\.json$")
BETWEEN_LOOKS = 64
"""Objects removed before it is asked whether somebody else has finished the expiry meanwhile."""


def expire(store: CorpusStore, versions: Iterable[int], *, tagged: bool = False) -> Expiry:
    """Remove versions of a corpus, and all that no other version needs; without a version left, the whole corpus.

    With no versions named the corpus must have none: what an unfinished build left is removed.

    Raises `StoreError` where somebody commits, expires or tags in this moment: nothing is removed then. `tagged` allows
    versions that have a tag.
    """
    chosen = tuple(versions)
    finish_expiries(store)
    planned = plan_expiry(manifests(store), chosen, whole=not chosen)
    number = last_number(store) + 1
    written = f"{EXPIRIES}/{number:06d}-{secrets.token_hex(4)}.json"
    store.put(written, planned.to_json())
    reason = _obstacle(store, number, () if tagged else chosen)
    if reason:
        store.remove(written)
        raise StoreError(f"nothing of {store.name} was expired: {reason}", remedy="look at its versions and run again")
    _finish(store, written, planned)
    return planned


def finish_expiries(store: CorpusStore) -> int:
    """Finish expiries that were killed; how many there were."""
    finished = 0
    for name in store.names(EXPIRIES):
        key, match = f"{EXPIRIES}/{name}", NAME.match(name)
        text = store.get(key)
        if text is None or match is None:
            continue
        if store.size(manifest_key(int(match[1]))) == 0:
            _finish(store, key, read_expiry(text, store.place(key)))
            finished += 1
        else:
            # it never began: the number that it wanted is free still, or a version has it
            store.remove(key)
    return finished


def reclaimed_bytes(store: CorpusStore, all_manifests: Iterable[Manifest], planned: Expiry) -> int:
    """Bytes of the shards that an expiry removes."""
    longest = max(all_manifests, key=lambda one: one.draws, default=None)
    total = 0
    for ref in () if longest is None else longest.segments:
        segment = segment_of(store, ref)
        rows = np.arange(segment.first, segment.first + len(segment))
        going = (rows >= planned.first_block) & (rows < planned.stop_block)
        for column in segment.arrays.values():
            total += int(column.bytes[going & (column.bytes != NO_FILE)].sum())
    return total


def _obstacle(store: CorpusStore, number: int, sacred: Iterable[int]) -> str:
    """Why versions may not go now, or nothing once their expiry has taken a version number out of use."""
    for tag, version in tags(store).items():
        if version in sacred:
            return f"version {version} has the tag '{tag}'"
    if store.create_exclusive(manifest_key(number), b"") or store.size(manifest_key(number)) == 0:
        return ""
    return f"version {number} was committed in this moment"


def _finish(store: CorpusStore, written: str, planned: Expiry) -> None:
    """Remove what an expiry says, in an order in which it can be done again; its own object goes last."""
    for version in planned.versions:
        # a number is never used again: an old writer would take it for the next one
        store.put(manifest_key(version), b"")
    layout = layout_of(store)
    if planned.whole:
        for prefix in (GROUP, RECORDS, SEGMENTS, TAGS):
            store.remove_all(prefix)
        store.remove(LAYOUT_KEY)
        store.remove_all("")
        return
    if layout is not None:
        show_longest(store, layout)
        _remove(store, written, _keys(layout, planned))
    for tag, version in tags(store).items():
        if version in planned.versions:
            store.remove(f"{TAGS}/{tag}.json")
    store.remove(written)


def _keys(layout: Layout, planned: Expiry) -> Iterable[str]:
    """Objects of an expiry: records before shards, so that a block is never thought made when it is not."""
    blocks = range(planned.first_block, planned.stop_block)
    yield from (record_key(block) for block in blocks)
    for array in layout.arrays:
        yield from (f"{GROUP}/{array.shard(block)}" for block in blocks)
    yield from planned.segments


def _remove(store: CorpusStore, written: str, keys: Iterable[str]) -> None:
    for count, key in enumerate(keys):
        # who finished it removed what says so; what has these names now may be somebody's new work
        if count % BETWEEN_LOOKS == 0 and store.size(written) is None:
            return
        store.remove(key)
