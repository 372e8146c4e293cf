"""A segment: what versions say about a run of neighbouring blocks, in one object that never changes.

A version names its segments, and versions share them: a manifest stays small however many blocks there are, and a
commit writes the last segment alone. A segment's object is named after the digest of its bytes, so a damaged one is
told apart; the digest of its content covers the decoded values only, and is the same whoever sealed it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.digest import DIGEST_HEX, digest_of
from sgnn.corpus.plan import Block
from sgnn.corpus.record import ArrayRecord, BlockRecord
from sgnn.errors import CorruptCorpusError

SEGMENTS = "segments"
NO_FILE = -1
"""Bytes of an array's part of a block that is all fill."""


@dataclass(frozen=True)
class CommittedBlock:
    """A block as versions hold it, with its draws that are not ok counted."""

    block: Block
    digest: str
    arrays: Mapping[str, ArrayRecord]
    failed: int
    quarantined: int


@dataclass(frozen=True)
class SegmentRef:
    """A segment as a manifest names it; counts and bytes are of all draws of its blocks."""

    index: int
    object: str
    """Digest of the object's bytes, part of its name."""
    digest: str
    """Digest over the decoded values of its blocks."""
    blocks: int
    ok: int
    failed: int
    quarantined: int
    bytes: int

    @property
    def key(self) -> str:
        """Where the segment is kept."""
        return f"{SEGMENTS}/{self.index:06d}-{self.object}.json"


@dataclass(frozen=True, eq=False)
class Column:
    """One array of the segment's blocks: digests over decoded values and bytes of files, both [block]."""

    digests: NDArray[np.bytes_]
    bytes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Segment:
    """Committed blocks in columns, [block] each: they take a fifth of the memory that objects would."""

    key: str
    index: int
    first: int
    """Index of the first block."""
    block_draws: int
    digests: NDArray[np.bytes_]
    failed: NDArray[np.int64]
    quarantined: NDArray[np.int64]
    arrays: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.digests)

    def digest_of(self, index: int) -> str:
        """Digest of a block."""
        return str(self.digests[index - self.first], "ascii")

    def committed(self, index: int) -> CommittedBlock:
        """A block of the segment."""
        at = index - self.first
        arrays = {
            name: ArrayRecord(str(column.digests[at], "ascii"), file_bytes(int(column.bytes[at])))
            for name, column in self.arrays.items()
        }
        block = Block(index, index * self.block_draws, (index + 1) * self.block_draws)
        failed, quarantined = int(self.failed[at]), int(self.quarantined[at])
        return CommittedBlock(block, self.digest_of(index), arrays, failed, quarantined)

    def to_json(self) -> bytes:
        """The segment as JSON text, the same for the same blocks."""
        arrays = {
            name: {"digests": _texts(column.digests), "bytes": [file_bytes(size) for size in column.bytes.tolist()]}
            for name, column in self.arrays.items()
        }
        document = {
            "key": self.key,
            "index": self.index,
            "first": self.first,
            "block_draws": self.block_draws,
            "digests": _texts(self.digests),
            "failed": self.failed.tolist(),
            "quarantined": self.quarantined.tolist(),
            "arrays": arrays,
        }
        return json.dumps(document, separators=(",", ":")).encode()

    def ref(self) -> SegmentRef:
        """How a manifest names the segment."""
        failed, quarantined = int(self.failed.sum()), int(self.quarantined.sum())
        return SegmentRef(
            index=self.index,
            object=object_digest(self.to_json()),
            digest=digest_of({"key": self.key, "first": self.first, "blocks": _texts(self.digests)}),
            blocks=len(self),
            ok=len(self) * self.block_draws - failed - quarantined,
            failed=failed,
            quarantined=quarantined,
            bytes=sum(int(column.bytes[column.bytes != NO_FILE].sum()) for column in self.arrays.values()),
        )


def committed_block(record: BlockRecord) -> CommittedBlock:
    """The part of a block's record that versions hold."""
    counts = record.counts(record.block.stop)
    return CommittedBlock(record.block, record.digest, dict(record.arrays), counts["failed"], counts["quarantined"])


def segment_of_blocks(key: str, index: int, blocks: Sequence[CommittedBlock]) -> Segment:
    """The segment that holds these neighbouring blocks, in order; `index` counts segments."""
    names = sorted(blocks[0].arrays)
    columns = {
        name: Column(
            _digests([block.arrays[name].digest for block in blocks]),
            _sizes([block.arrays[name].bytes for block in blocks]),
        )
        for name in names
    }
    return Segment(
        key=key,
        index=index,
        first=blocks[0].block.index,
        block_draws=blocks[0].block.draws,
        digests=_digests([block.digest for block in blocks]),
        failed=np.array([block.failed for block in blocks], dtype=np.int64),
        quarantined=np.array([block.quarantined for block in blocks], dtype=np.int64),
        arrays=columns,
    )


def read_segment(text: bytes, place: str, expected: str | None = None) -> Segment:
    """Segment from JSON text; `place` names it in errors. Raises `CorruptCorpusError` for bytes other than expected."""
    try:
        if expected is not None and object_digest(text) != expected:
            raise ValueError("its digest does not fit")
        document = json.loads(text)
        return Segment(
            key=str(document["key"]),
            index=int(document["index"]),
            first=int(document["first"]),
            block_draws=int(document["block_draws"]),
            digests=_digests(document["digests"]),
            failed=np.array(document["failed"], dtype=np.int64),
            quarantined=np.array(document["quarantined"], dtype=np.int64),
            arrays={name: _column(one) for name, one in document["arrays"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorruptCorpusError(
            f"{place}: not the segment that was written", remedy="`sgnn corpus verify` with --repair makes it again"
        ) from error


def file_bytes(size: int) -> int | None:
    """Bytes of a file out of a column; None where there is no file."""
    return None if size == NO_FILE else size


def object_digest(text: bytes) -> str:
    """First 128 bits of the sha256 of an object's bytes."""
    return hashlib.sha256(text).hexdigest()[:DIGEST_HEX]


def _column(document: Mapping[str, Any]) -> Column:
    return Column(_digests(document["digests"]), _sizes(document["bytes"]))


def _digests(texts: Sequence[str]) -> NDArray[np.bytes_]:
    return np.array(texts, dtype=f"S{DIGEST_HEX}")


def _sizes(sizes: Sequence[int | None]) -> NDArray[np.int64]:
    return np.array([NO_FILE if size is None else size for size in sizes], dtype=np.int64)


def _texts(digests: NDArray[np.bytes_]) -> list[str]:
    return [str(one, "ascii") for one in digests.tolist()]
