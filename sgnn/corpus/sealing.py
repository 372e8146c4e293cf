"""Sealing: the records of a build become segments while it runs, so that its commit has only the last one to write."""

from __future__ import annotations

import numpy as np

from sgnn.corpus.ledger import damage, record_of, segment_of
from sgnn.corpus.record import BlockRecord
from sgnn.corpus.segment import CommittedBlock, Segment, SegmentRef, committed_block, segment_of_blocks
from sgnn.corpus.store import CorpusStore
from sgnn.corpus.survey import Survey
from sgnn.errors import CorruptCorpusError, StoreError

MOST_NAMED = 10


class Sealer:
    """Takes the records of a build as they come, in any order, and writes a segment when its last block is made.

    It holds what versions need of the blocks of unfinished segments alone: blocks are begun in order, so these are few.
    """

    def __init__(self, store: CorpusStore, survey: Survey) -> None:
        self._store = store
        self._survey = survey
        segments = survey.layout.segments(len(survey.made))
        missing = np.flatnonzero(~survey.made) // survey.layout.segment_blocks
        self._awaited = np.bincount(missing, minlength=segments)
        self._open: dict[int, dict[int, CommittedBlock]] = {}
        self._sealed: dict[int, SegmentRef] = {}

    def add(self, record: BlockRecord) -> None:
        """Take the record of a block just made. Raises `CorruptCorpusError` for a block that was another before."""
        if self._survey.made[record.block.index]:
            return
        index = record.block.index // self._survey.layout.segment_blocks
        fresh = self._open.setdefault(index, {})
        fresh[record.block.index] = committed_block(record)
        if len(fresh) == self._awaited[index]:
            self._seal(index, [])

    def finish(self) -> tuple[SegmentRef, ...]:
        """All segments, in order; those not sealed yet are made from the records in the store.

        Raises `StoreError` that names blocks which are not made, `CorruptCorpusError` for a block that is not the one
        that was sealed before.
        """
        lost: list[int] = []
        for index in range(len(self._awaited)):
            if index not in self._sealed:
                self._seal(index, lost)
        if lost:
            named = ", ".join(str(index) for index in lost[:MOST_NAMED]) + (", ..." if len(lost) > MOST_NAMED else "")
            raise StoreError(
                f"{len(lost)} of {len(self._survey.made)} blocks of {self._store.name} are not made: {named}",
                remedy="`sgnn corpus build` makes them",
            )
        return tuple(self._sealed[index] for index in range(len(self._awaited)))

    def _seal(self, index: int, lost: list[int]) -> None:
        """Write a segment if all of its blocks are there; those that are not are added to `lost`."""
        members = self._survey.members(index)
        ref = self._survey.sealed.get(index)
        if ref is not None and ref.blocks == len(members) and self._survey.made[members.start : members.stop].all():
            self._sealed[index] = ref
            return
        held = None if ref is None else segment_of(self._store, ref)
        blocks = {block: self._block(block, held) for block in members}
        there = [block for block in blocks.values() if block is not None]
        if len(there) == len(members):
            self._open.pop(index, None)
            self._sealed[index] = write_segment(self._store, segment_of_blocks(self._survey.layout.key, index, there))
        lost += [index for index, block in blocks.items() if block is None]

    def _block(self, index: int, held: Segment | None) -> CommittedBlock | None:
        """What versions will say of a block; None where it is not made."""
        before = held.committed(index) if held is not None and index < held.first + len(held) else None
        if before is not None and self._survey.made[index]:
            return before
        found = self._open.get(index // self._survey.layout.segment_blocks, {}).get(index) or self._recorded(index)
        if found is not None and before is not None and found.digest != before.digest:
            raise CorruptCorpusError(
                f"block {index} of {self._store.name} is not the one that an earlier version committed",
                remedy=f"`sgnn corpus verify {self._store.name} --repair` makes the block again",
            )
        return found

    def _recorded(self, index: int) -> CommittedBlock | None:
        """A block by its record in the store; its files are looked at where the survey has not seen them."""
        record = record_of(self._store, self._survey.layout, index)
        if record is None:
            return None
        unseen = not self._survey.made[index]
        return None if unseen and damage(self._store, self._survey.layout, record) else committed_block(record)


def write_segment(store: CorpusStore, segment: Segment) -> SegmentRef:
    """Write a segment to the disk itself, if it is not there already, and say how manifests name it."""
    ref, text = segment.ref(), segment.to_json()
    # the object is named after its bytes: another one under the name is a damaged one
    if not store.create_exclusive(ref.key, text) and store.get(ref.key) != text:
        store.put(ref.key, text)
    return ref
