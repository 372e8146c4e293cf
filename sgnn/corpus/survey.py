"""What of a corpus is made already: asked of the store by one listing for each array, however many blocks there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.layout import ArrayLayout, Layout
from sgnn.corpus.ledger import fresh_segment, longest_version, record_of, segment_of
from sgnn.corpus.plan import Blocks, plan_blocks
from sgnn.corpus.record import RECORDS, BlockRecord
from sgnn.corpus.segment import NO_FILE, SEGMENTS, Segment, SegmentRef, read_segment
from sgnn.corpus.store import GROUP, CorpusStore
from sgnn.errors import CorruptCorpusError

SHARD = re.compile(r"^c\.(\d+)(?:\.0)*$")
RECORD = re.compile(r"^(\d+)\.json$")
SEGMENT = re.compile(r"^(\d+)-([0-9a-f]+)\.json$")


@dataclass(frozen=True, eq=False)
class Survey:
    """Which blocks are made, and what those of each segment were sealed as so far."""

    layout: Layout
    draws: int
    made: NDArray[np.bool_]
    """[block]"""
    sealed: Mapping[int, SegmentRef]
    """By index of the segment; it may lack the last blocks."""

    @property
    def blocks(self) -> Blocks:
        """All blocks that the draws need."""
        return plan_blocks(self.draws, self.layout.block_draws)

    @property
    def missing(self) -> Blocks:
        """Blocks that are not made, in order."""
        return Blocks(np.flatnonzero(~self.made), self.layout.block_draws)

    def members(self, segment: int) -> range:
        """Indices of the blocks of a segment."""
        first = segment * self.layout.segment_blocks
        return range(first, min(first + self.layout.segment_blocks, len(self.made)))


def survey(store: CorpusStore, layout: Layout, draws: int) -> Survey:
    """What is made of the first `draws` draws, judged by records and by the sizes of files; nothing is decoded.

    Raises `CorruptCorpusError` where a segment of a version is damaged.
    """
    number = len(plan_blocks(draws, layout.block_draws))
    found = Survey(layout, draws, np.zeros(number, dtype=np.bool_), sealed_segments(store, layout, number))
    recorded = _recorded(store, number)
    if recorded.any():
        sizes = {array.name: shard_sizes(store, array, number) for array in layout.arrays}
        for index in range(layout.segments(number)):
            _look_at(store, found, index, recorded, sizes)
    return found


def counts_so_far(store: CorpusStore, layout: Layout, draws: int) -> Counter[str]:
    """Draws made of the first `draws` by status, whether a version holds them or not."""
    number = len(plan_blocks(draws, layout.block_draws))
    recorded = _recorded(store, number)
    sealed = sealed_segments(store, layout, number)
    # the last block may go beyond the draws, which its record alone can tell
    last, counts = number - 1, Counter[str]()
    for index in np.flatnonzero(recorded):
        ref = sealed.get(int(index) // layout.segment_blocks)
        segment = None if ref is None else segment_of(store, ref)
        if segment is not None and index < segment.first + len(segment) and index != last:
            committed = segment.committed(int(index))
            bad = {"failed": committed.failed, "quarantined": committed.quarantined}
            counts.update(bad, ok=layout.block_draws - sum(bad.values()))
            continue
        record = _sound_record(store, layout, int(index))
        if record is not None:
            counts.update(record.counts(draws))
    return counts


def sealed_segments(store: CorpusStore, layout: Layout, number: int) -> dict[int, SegmentRef]:
    """The segments that hold most of the first `number` blocks, committed or sealed by a build that was killed."""
    longest = longest_version(store)
    wanted = layout.segments(number)
    found = {} if longest is None else {ref.index: ref for ref in longest.segments if ref.index < wanted}
    for name in store.names(SEGMENTS):
        match = SEGMENT.match(name)
        index = int(match[1]) if match else wanted
        held = found[index].blocks if index in found else 0
        if match is None or index >= wanted or held == layout.segment_blocks:
            continue
        segment = _stray(store, layout, name, match[2])
        if segment is not None and len(segment) > held:
            found[index] = segment.ref()
    return found


def shard_sizes(store: CorpusStore, array: ArrayLayout, number: int) -> NDArray[np.int64]:
    """Bytes of the files of an array's first `number` blocks, -1 where there is none: [block]."""
    sizes = np.full(number, NO_FILE, dtype=np.int64)
    for name, size in store.sizes(f"{GROUP}/{array.name}").items():
        match = SHARD.match(name)
        if match and int(match[1]) < number:
            sizes[int(match[1])] = size
    return sizes


def _look_at(
    store: CorpusStore,
    found: Survey,
    index: int,
    recorded: NDArray[np.bool_],
    sizes: Mapping[str, NDArray[np.int64]],
) -> None:
    """Mark the blocks of a segment that are made."""
    members = found.members(index)
    if not recorded[members.start : members.stop].any():
        return
    ref = found.sealed.get(index)
    held = 0
    if ref is not None:
        segment = fresh_segment(store, ref)
        held = min(len(segment), len(members))
        rows = slice(members.start, members.start + held)
        fits = recorded[rows].copy()
        for name, column in segment.arrays.items():
            fits &= column.bytes[:held] == sizes[name][rows]
        found.made[rows] = fits
    for block in members[held:]:
        record = _sound_record(store, found.layout, block) if recorded[block] else None
        found.made[block] = record is not None and all(
            (NO_FILE if one.bytes is None else one.bytes) == sizes[name][block] for name, one in record.arrays.items()
        )


def _recorded(store: CorpusStore, number: int) -> NDArray[np.bool_]:
    """Which blocks have a record: [block]."""
    there = np.zeros(number, dtype=np.bool_)
    for name in store.names(RECORDS):
        match = RECORD.match(name)
        if match and int(match[1]) < number:
            there[int(match[1])] = True
    return there


def _sound_record(store: CorpusStore, layout: Layout, index: int) -> BlockRecord | None:
    try:
        return record_of(store, layout, index)
    except CorruptCorpusError:
        return None


def _stray(store: CorpusStore, layout: Layout, name: str, digest: str) -> Segment | None:
    """A segment that no version names, if it is one of this corpus."""
    key = f"{SEGMENTS}/{name}"
    try:
        segment = read_segment(store.get(key) or b"", store.place(key), digest)
    except CorruptCorpusError:
        return None
    fits = segment.key == layout.key and segment.first == segment.index * layout.segment_blocks
    return segment if fits and segment.block_draws == layout.block_draws else None
