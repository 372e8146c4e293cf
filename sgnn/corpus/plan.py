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
    """Blocks of `block_draws` draws that cover `draws`; the last may be shorter."""
    return tuple(
        Block(index, start, min(start + block_draws, draws)) for index, start in enumerate(range(0, draws, block_draws))
    )


def choose_block_draws(bytes_per_draw: float, chunk_draws: int) -> int:
    """Draws of a block, whole chunks: about 1,024, fewer where draws are so large that a block would pass 64 MiB."""
    affordable = int(BLOCK_BYTES // max(bytes_per_draw, 1.0))
    wanted = min(BLOCK_DRAWS, affordable)
    return max(wanted // chunk_draws, 1) * chunk_draws


def missing(blocks: Iterable[Block], made: Container[Block]) -> tuple[Block, ...]:
    """Blocks without a record of exactly their draws, in order: a shorter block at the same place does not count."""
    return tuple(block for block in blocks if block not in made)
