"""Plans: blocks cover the draws, stay where they are when a corpus grows, and fit into memory."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sgnn.corpus.plan import BLOCK_BYTES, Blocks, choose_layout, plan_blocks

DRAWS = st.integers(1, 5000)
SIZES = st.integers(1, 700)


@given(DRAWS, SIZES)
def test_blocks_follow_each_other_and_cover_all_draws(draws: int, size: int) -> None:
    blocks = plan_blocks(draws, size)
    assert [block.start for block in blocks] == [size * block.index for block in blocks]
    assert all(block.draws == size for block in blocks)
    assert blocks[-1].start < draws <= blocks[-1].stop


@given(DRAWS, DRAWS, SIZES)
def test_growing_keeps_every_block(draws: int, more: int, size: int) -> None:
    blocks = plan_blocks(draws, size)
    assert list(plan_blocks(draws + more, size)[: len(blocks)]) == list(blocks)


@given(DRAWS, SIZES, st.data())
def test_some_blocks_are_a_sequence_whose_last_ends_with_the_draws(draws: int, size: int, data: st.DataObject) -> None:
    every = list(plan_blocks(draws, size))
    chosen = sorted(data.draw(st.sets(st.integers(0, len(every) - 1))))
    some = Blocks(np.array(chosen, dtype=np.int64), size)
    assert list(some) == [every[index] for index in chosen] == [some[at] for at in range(len(some))]
    assert [block.index for block in some[1::2]] == chosen[1::2]
    assert some.draws == size * len(chosen)
    cut = Blocks(range(len(every)), size, draws)
    assert cut.draws == draws == cut[-1].stop
    assert list(cut[:-1]) == every[:-1]


def test_a_billion_draws_are_planned_without_a_block_being_made() -> None:
    blocks = plan_blocks(10**9, 1024)
    assert (len(blocks), blocks[-1].index, blocks.draws) == (976_563, 976_562, 976_563 * 1024)


@given(st.integers(1, 10**9), DRAWS, st.integers(1, 128))
def test_a_block_holds_whole_chunks_and_fits_into_memory(bytes_per_draw: int, draws: int, chunk: int) -> None:
    block, chosen = choose_layout(bytes_per_draw, draws, chunk, None)
    assert block % chosen == 0
    assert block * bytes_per_draw <= BLOCK_BYTES or block == 1
    assert chosen <= chunk


def test_a_usual_corpus_has_blocks_of_1024_draws_and_a_small_one_no_larger_than_itself() -> None:
    assert choose_layout(12_000, 50_000, 64, None) == (1024, 64)
    assert choose_layout(12_000, 100, 64, None) == (128, 64)
    assert choose_layout(12_000, 100, 16, 32) == (32, 16)
