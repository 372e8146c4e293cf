"""What a store says about a corpus: its layout, the records of its blocks, the manifests of its versions."""

from __future__ import annotations

from sgnn.corpus.layout import Layout, read_layout
from sgnn.corpus.manifest import Manifest, manifest_key, read_manifest
from sgnn.corpus.plan import Block
from sgnn.corpus.record import BlockRecord, read_record, record_key
from sgnn.corpus.store import GROUP, CorpusStore
from sgnn.errors import CorruptCorpusError, StoreError

LAYOUT_KEY = "layout.json"


def layout_of(store: CorpusStore) -> Layout | None:
    """The layout, or None where there is no corpus yet. Raises `CorruptCorpusError`."""
    text = store.get(LAYOUT_KEY)
    return None if text is None else read_layout(text, store.place(LAYOUT_KEY))


def versions(store: CorpusStore) -> tuple[int, ...]:
    """Numbers of the committed versions, ascending."""
    stems = (name.removesuffix(".json") for name in store.names("versions"))
    return tuple(sorted(int(stem) for stem in stems if stem.isdigit()))


def manifest_of(store: CorpusStore, version: int) -> Manifest:
    """Manifest of a version. Raises `StoreError` where there is none, `CorruptCorpusError` where it is damaged."""
    key = manifest_key(version)
    text = store.get(key)
    if text is None:
        there = ", ".join(str(one) for one in versions(store)) or "none"
        raise StoreError(f"{store.name} has no version {version}", remedy=f"versions there: {there}")
    return read_manifest(text, store.place(key))


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


def is_made(store: CorpusStore, layout: Layout, index: int) -> bool:
    """Whether a block has a sound record and files of the sizes it says."""
    try:
        record = record_of(store, layout, index)
    except CorruptCorpusError:
        return False
    return record is not None and damage(store, layout, record) is None
