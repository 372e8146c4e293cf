"""Auditing a corpus: every block decoded and held against its digest; damaged blocks made again on request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sgnn.corpus.block import block_task, make_block
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.ledger import record_of
from sgnn.corpus.manifest import CommittedBlock
from sgnn.corpus.record import record_key
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
    """Empty for the block's record."""
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

    Finds missing, truncated, changed and exchanged files and records. With `repair` exactly the damaged blocks are made
    again and checked anew; `on_block` is told each block's index as it is done. Raises `CorruptCorpusError` where a
    block made again is not what it was.
    """
    faults: list[Fault] = []
    repaired: list[int] = []
    for committed in corpus.manifest.blocks:
        found = tuple(block_faults(corpus, committed))
        faults += found
        if found and repair:
            _make_again(corpus, committed)
            repaired.append(committed.block.index)
        if on_block is not None:
            on_block(committed.block.index)
    return Verification(corpus.name, corpus.version, len(corpus.manifest.blocks), tuple(faults), tuple(repaired))


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


def _make_again(corpus: Corpus, committed: CommittedBlock) -> None:
    """Simulate a block anew. Raises `StoreError` where today's code would simulate something else."""
    section, index = corpus.recipe, committed.block.index
    if corpus_key(section) != corpus.layout.key:
        raise StoreError(
            f"block {index} of {corpus.store.name} cannot be made again: its simulators or operators have changed",
            remedy="build a new corpus, or repair with the code of its attributes sgnn_version and git_commit",
        )
    make_block(block_task(corpus.store, section, corpus.layout.key, {index: committed.digest}), committed.block)
    left = next(block_faults(corpus, committed), None)
    if left is not None:
        raise CorruptCorpusError(
            f"block {index} was made again and is damaged again: {left.file}: {left.reason}", remedy="check the disk"
        )
