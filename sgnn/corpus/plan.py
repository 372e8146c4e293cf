"""Which blocks a corpus is made of, and which of them are still to be made. Pure decisions."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

BLOCK_DRAWS = 1024
"""Draws of a block where bytes do not say otherwise."""

BLOCK_BYTES = 64 * 2**20
"""Largest block, bytes before compression: a worker holds a block some three times over while it writes it."""


@dataclass(frozen=True, order=True)
class Block:
    """Draws `start` to `stop` (without it): one shard of every array, the unit of work, of ownership and of loss."""

    index: int
    start: int
    stop: int

    @property
    def draws(self) -> int:
        """Number of draws of the block."""
        return self.stop - self.start


def plan_blocks(draws: int, block_draws: int) -> tuple[Block, ...]:
    """Blocks that hold the first `draws` draws, all of them full.

    The last one may go beyond what was asked for. Its draws are made with the rest, and a version says how many of them
    count: so a corpus that grows never writes a published file again, and a reader's files never change under it.
    """
    return tuple(Block(index, start, start + block_draws) for index, start in enumerate(range(0, draws, block_draws)))


def choose_layout(bytes_per_draw: int, draws: int, chunk_draws: int, block_draws: int | None) -> tuple[int, int]:
    """Draws of a block and of a chunk, for a corpus that starts with `draws` draws.

    A recipe's own `block_draws` stands. Otherwise a block holds about 1,024 draws, fewer where it would pass 64 MiB or
    where fewer are asked for, and always a whole number of chunks.
    """
    if block_draws is not None:
        return block_draws, chunk_draws
    affordable = max(BLOCK_BYTES // max(bytes_per_draw, 1), 1)
    chunk = min(chunk_draws, affordable)
    asked = -(-draws // chunk) * chunk
    return max(min(BLOCK_DRAWS, affordable, asked) // chunk, 1) * chunk, chunk


def missing(blocks: Iterable[Block], made: Container[Block]) -> tuple[Block, ...]:
    """Blocks without a record of exactly their draws, in order: a shorter block at the same place does not count."""
    return tuple(block for block in blocks if block not in made)
