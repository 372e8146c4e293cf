"""What a store says about a corpus: its layout, the records of its blocks, segments and manifests of its versions."""

from __future__ import annotations

import json
from functools import lru_cache

from sgnn.corpus.layout import Layout, read_layout
from sgnn.corpus.manifest import VERSIONS, Manifest, manifest_key, read_manifest
from sgnn.corpus.plan import Block
from sgnn.corpus.record import BlockRecord, read_record, record_key
from sgnn.corpus.segment import Segment, SegmentRef, read_segment
from sgnn.corpus.store import GROUP, CorpusStore
from sgnn.errors import CorruptCorpusError, StoreError

LAYOUT_KEY = "layout.json"
GROUP_KEY = f"{GROUP}/zarr.json"


def layout_of(store: CorpusStore) -> Layout | None:
    """The layout, or None where there is no corpus yet. Raises `CorruptCorpusError`."""
    text = store.get(LAYOUT_KEY)
    return None if text is None else read_layout(text, store.place(LAYOUT_KEY))


def known_layout(store: CorpusStore) -> Layout:
    """The layout. Raises `StoreError` where there is no corpus."""
    layout = layout_of(store)
    if layout is None:
        raise StoreError(f"no corpus in {store.url}", remedy="`sgnn corpus build` makes it")
    return layout


def versions(store: CorpusStore) -> tuple[int, ...]:
    """Numbers of the committed versions, ascending."""
    return tuple(number for number, size in _numbers(store).items() if size)


def last_number(store: CorpusStore) -> int:
    """The highest number that a version has or had; 0 where none has."""
    return max(_numbers(store), default=0)


def manifest_of(store: CorpusStore, version: int) -> Manifest:
    """Manifest of a version. Raises `StoreError` where there is none, `CorruptCorpusError` where it is damaged."""
    manifest = manifest_if_there(store, version)
    if manifest is None:
        there = ", ".join(str(one) for one in versions(store)) or "none"
        raise StoreError(f"{store.name} has no version {version}", remedy=f"versions there: {there}")
    return manifest


def manifest_if_there(store: CorpusStore, version: int) -> Manifest | None:
    """Manifest of a version, or None where there is none or it was expired. Raises `CorruptCorpusError`."""
    key = manifest_key(version)
    text = store.get(key)
    return read_manifest(text, store.place(key)) if text else None


def longest_version(store: CorpusStore) -> Manifest | None:
    """The version with the most draws, the newest of several; None where nothing is committed.

    Plain readers are shown it, so only versions after the one that they are shown need to be looked at.
    """
    numbers, shown = versions(store), shown_version(store)
    later = [number for number in numbers if number >= shown] if shown in numbers else numbers
    manifests = (manifest_if_there(store, number) for number in later)
    there = [manifest for manifest in manifests if manifest is not None]
    return max(there, key=lambda one: (one.draws, one.version), default=None)


def shown_version(store: CorpusStore) -> int:
    """The version that the group's attributes tell plain readers of; 0 where they tell of none."""
    try:
        return int(json.loads(store.get(GROUP_KEY) or b"{}")["attributes"]["version"])
    except (ValueError, KeyError, TypeError):
        return 0


@lru_cache(maxsize=64)
def segment_of(store: CorpusStore, ref: SegmentRef) -> Segment:
    """A segment, kept in memory once it was read, for it never changes. Raises `CorruptCorpusError`."""
    return fresh_segment(store, ref)


def fresh_segment(store: CorpusStore, ref: SegmentRef) -> Segment:
    """A segment as the store has it now. Raises `CorruptCorpusError` where it is missing or damaged."""
    text = store.get(ref.key)
    if text is None:
        raise CorruptCorpusError(
            f"{store.place(ref.key)} is missing", remedy=f"`sgnn corpus verify {store.name} --repair` makes it again"
        )
    return read_segment(text, store.place(ref.key), ref.object)


def record_of(store: CorpusStore, layout: Layout, index: int) -> BlockRecord | None:
    """Record of a block, or None where there is none. Raises `CorruptCorpusError` for a record of something else."""
    text = store.get(record_key(index))
    if text is None:
        return None
    place = store.place(record_key(index))
    record = read_record(text, place)
    start = index * layout.block_draws
    expected = Block(index, start, start + layout.block_draws)
    if record.key != layout.key or record.block != expected or set(record.arrays) != {a.name for a in layout.arrays}:
        raise CorruptCorpusError(
            f"{place}: record of another block or corpus (draws {record.block.start} to {record.block.stop}, key "
            f"{record.key[:12]}; expected {expected.start} to {expected.stop}, key {layout.key[:12]})",
            remedy="`sgnn corpus build` makes it again",
        )
    return record


def damage(store: CorpusStore, layout: Layout, record: BlockRecord) -> str | None:
    """What is wrong with a block's files as far as their sizes tell, or None: cheap, nothing is decoded."""
    for array in layout.arrays:
        wanted = record.arrays[array.name].bytes
        key = f"{GROUP}/{array.shard(record.block.index)}"
        found = store.size(key)
        if found == wanted:
            continue
        state = "missing" if found is None else f"{found} bytes" if wanted is None else f"{found} of {wanted} bytes"
        return f"array '{array.name}': {store.place(key)} is {state}{', expected none' if wanted is None else ''}"
    return None


def _numbers(store: CorpusStore) -> dict[int, int]:
    """Bytes of what stands under every number, ascending; an empty object takes a number out of use."""
    found = {name.removesuffix(".json"): size for name, size in store.sizes(VERSIONS).items()}
    return {int(stem): found[stem] for stem in sorted(found) if stem.isdigit()}
