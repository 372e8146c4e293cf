"""Auditing a corpus: every block decoded and held against its digest; damaged blocks made again on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgnn.corpus.block import block_task, make_block
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.ledger import fresh_segment, record_of
from sgnn.corpus.plan import Block, plan_blocks
from sgnn.corpus.record import BlockRecord, record_key
from sgnn.corpus.sealing import write_segment
from sgnn.corpus.segment import CommittedBlock, Segment, SegmentRef, committed_block, segment_of_blocks
from sgnn.corpus.shards import read_shards, values_digest
from sgnn.corpus.store import GROUP
from sgnn.errors import CorruptCorpusError, StoreError

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus


@dataclass(frozen=True)
class Fault:
    """One damaged object of a corpus."""

    block: int
    array: str
    """Empty for the block's record, and for the segment that it is the first block of."""
    file: str
    reason: str


@dataclass(frozen=True)
class Verification:
    """What an audit found, and which blocks it had made again."""

    name: str
    version: int
    blocks: int
    faults: tuple[Fault, ...]
    repaired: tuple[int, ...]

    @property
    def damaged(self) -> tuple[int, ...]:
        """Damaged blocks, ascending."""
        return tuple(sorted({fault.block for fault in self.faults}))

    @property
    def sound(self) -> bool:
        """Whether all blocks are now as they were committed."""
        return set(self.damaged) <= set(self.repaired)


def verify(corpus: Corpus, *, repair: bool = False, on_block: Callable[[int], None] | None = None) -> Verification:
    """Decode every block of a version and compare it with what was committed.

    Finds missing, truncated, changed and exchanged files, records and segments. With `repair` exactly the damaged
    blocks are made again and checked anew, and damaged segments are put together from records; `on_block` is told each
    block's index as it is done. Raises `CorruptCorpusError` where what is made again is not what it was.
    """
    faults: list[Fault] = []
    repaired: list[int] = []
    for ref in corpus.manifest.segments:
        segment, fault = _segment(corpus, ref)
        if fault is not None:
            faults.append(fault)
            if not repair:
                continue
            segment = _sealed_again(corpus, ref)
            repaired.append(fault.block)
        assert segment is not None
        for index in range(segment.first, segment.first + len(segment)):
            committed = segment.committed(index)
            found = tuple(block_faults(corpus, committed))
            faults += found
            if found and repair:
                _make_again(corpus, committed)
                repaired.append(index)
            if on_block is not None:
                on_block(index)
    return Verification(
        corpus.name, corpus.version, corpus.manifest.blocks, tuple(faults), tuple(sorted(set(repaired)))
    )


def block_faults(corpus: Corpus, committed: CommittedBlock) -> Iterator[Fault]:
    """Every damaged object of a block."""
    index = committed.block.index
    for array in corpus.layout.arrays:
        key = f"{GROUP}/{array.shard(index)}"
        reason = _file_fault(corpus, committed, array.name)
        if reason is not None:
            yield Fault(index, array.name, corpus.store.place(key), reason)
    reason = _record_fault(corpus, committed)
    if reason is not None:
        yield Fault(index, "", corpus.store.place(record_key(index)), reason)


def _file_fault(corpus: Corpus, committed: CommittedBlock, name: str) -> str | None:
    array = corpus.layout.array(name)
    wanted = committed.arrays[name]
    found = corpus.store.size(f"{GROUP}/{array.shard(committed.block.index)}")
    if found != wanted.bytes:
        return "missing" if found is None else f"{found} bytes, {wanted.bytes or 0} were written"
    try:
        block = committed.block
        values = read_shards(corpus.store, corpus.layout, {name: wanted.bytes}, block.index, block.draws)[name]
    except CorruptCorpusError:
        return "checksum does not fit"
    return None if values_digest(values) == wanted.digest else "other values than were committed"


def _record_fault(corpus: Corpus, committed: CommittedBlock) -> str | None:
    try:
        record = record_of(corpus.store, corpus.layout, committed.block.index)
    except CorruptCorpusError as error:
        return error.message.partition(": ")[2]
    if record is None:
        return "missing"
    return None if record.digest == committed.digest else "record of other values than were committed"


def _segment(corpus: Corpus, ref: SegmentRef) -> tuple[Segment | None, Fault | None]:
    """A segment, or what is wrong with it; a fault is one of its first block."""
    try:
        return fresh_segment(corpus.store, ref), None
    except CorruptCorpusError as error:
        first = ref.index * corpus.layout.segment_blocks
        return None, Fault(
            first, "", corpus.store.place(ref.key), error.message.removeprefix(corpus.store.place(ref.key))
        )


def _sealed_again(corpus: Corpus, ref: SegmentRef) -> Segment:
    """A damaged segment put together from the records of its blocks; those that have none are simulated anew."""
    first = ref.index * corpus.layout.segment_blocks
    blocks = []
    for block in plan_blocks((first + ref.blocks) * corpus.layout.block_draws, corpus.layout.block_draws)[first:]:
        record = record_of(corpus.store, corpus.layout, block.index)
        blocks.append(committed_block(record or _simulated(corpus, block, {})))
    segment = segment_of_blocks(corpus.layout.key, ref.index, blocks)
    if segment.ref() != ref:
        raise CorruptCorpusError(
            f"{corpus.store.place(ref.key)}: the records of its blocks are not those that were committed",
            remedy="build a new corpus",
        )
    write_segment(corpus.store, segment)
    return segment


def _make_again(corpus: Corpus, committed: CommittedBlock) -> None:
    """Simulate a block anew, and look at it again."""
    _simulated(corpus, committed.block, {committed.block.index: committed.digest})
    left = next(block_faults(corpus, committed), None)
    if left is not None:
        raise CorruptCorpusError(
            f"block {committed.block.index} was made again and is damaged again: {left.file}: {left.reason}",
            remedy="check the disk",
        )


def _simulated(corpus: Corpus, block: Block, sealed: Mapping[int, str]) -> BlockRecord:
    """Simulate a block anew. Raises `StoreError` where today's code would simulate something else."""
    section = corpus.recipe
    if corpus_key(section) != corpus.layout.key:
        raise StoreError(
            f"block {block.index} of {corpus.store.name} cannot be made again: "
            "its simulators or operators have changed",
            remedy="build a new corpus, or repair with the code of its attributes sgnn_version and git_commit",
        )
    return make_block(block_task(corpus.store, section, corpus.layout.key, sealed), block)
