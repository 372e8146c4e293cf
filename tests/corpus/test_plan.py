"""Plans: blocks cover the draws, stay where they are when a corpus grows, and fit into memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sgnn.corpus.plan import BLOCK_BYTES, choose_layout, missing, plan_blocks

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
    assert plan_blocks(draws + more, size)[: len(blocks)] == blocks


@given(DRAWS, SIZES, st.data())
def test_what_is_missing_and_what_is_made_are_all(draws: int, size: int, data: st.DataObject) -> None:
    blocks = plan_blocks(draws, size)
    made = data.draw(st.sets(st.sampled_from(blocks)))
    assert set(missing(blocks, made)) == set(blocks) - made


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
