"""Segments: the same for the same blocks, read back as they were, and named after their bytes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgnn.corpus.plan import Block
from sgnn.corpus.record import ArrayRecord
from sgnn.corpus.segment import CommittedBlock, read_segment, segment_of_blocks
from sgnn.errors import CorruptCorpusError

DIGESTS = st.text("0123456789abcdef", min_size=32, max_size=32)
SIZES = st.none() | st.integers(0, 2**40)


@st.composite
def neighbours(draw: st.DrawFn) -> list[CommittedBlock]:
    """Neighbouring blocks of 32 draws with two arrays each."""
    first, number = draw(st.integers(0, 10**6)), draw(st.integers(1, 9))
    blocks = []
    for index in range(first, first + number):
        arrays = {name: ArrayRecord(draw(DIGESTS), draw(SIZES)) for name in ("level", "theta")}
        block = Block(index, index * 32, (index + 1) * 32)
        failed = draw(st.integers(0, 32))
        blocks.append(CommittedBlock(block, draw(DIGESTS), arrays, failed, draw(st.integers(0, 32 - failed))))
    return blocks


@given(neighbours())
def test_a_segment_holds_its_blocks_as_they_were_after_writing_and_reading(blocks: list[CommittedBlock]) -> None:
    segment = segment_of_blocks("k" * 32, 7, blocks)
    read = read_segment(segment.to_json(), "there", segment.ref().object)
    assert [read.committed(one.block.index) for one in blocks] == blocks
    assert read.to_json() == segment.to_json()
    assert read.ref() == segment.ref()
    ref = segment.ref()
    assert ref.ok + ref.failed + ref.quarantined == 32 * len(blocks) == 32 * ref.blocks
    assert ref.bytes == sum(one.bytes or 0 for block in blocks for one in block.arrays.values())


@given(neighbours())
def test_the_content_digest_covers_values_and_not_the_bytes_that_hold_them(blocks: list[CommittedBlock]) -> None:
    first = blocks[0]
    packed = replace(first, arrays={name: ArrayRecord(one.digest, 1) for name, one in first.arrays.items()})
    other = replace(first, digest="0" * 31 + ("1" if first.digest.endswith("0") else "0"))
    ref, repacked, changed = (segment_of_blocks("k", 0, [one, *blocks[1:]]).ref() for one in (first, packed, other))
    assert ref.digest == repacked.digest != changed.digest
    assert (ref.object == repacked.object) == (first.arrays == packed.arrays)


@given(neighbours(), st.data())
def test_a_flipped_bit_anywhere_in_a_segment_is_told(blocks: list[CommittedBlock], data: st.DataObject) -> None:
    segment = segment_of_blocks("k", 0, blocks)
    text = bytearray(segment.to_json())
    text[data.draw(st.integers(0, len(text) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CorruptCorpusError, match="there: not the segment that was written"):
        read_segment(bytes(text), "there", segment.ref().object)
