"""Which blocks a corpus is made of, and which of them are still to be made. Pure decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

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


class Blocks(Sequence[Block]):
    """Some blocks of a corpus in order, made up when they are looked at: a million of them take eight megabytes."""

    __slots__ = ("_draws", "_indices", "_size")

    def __init__(self, indices: range | NDArray[np.int64], block_draws: int, draws: int | None = None) -> None:
        """indices: [block]; with `draws` the last of them ends where so many draws do."""
        self._indices = indices
        self._size = block_draws
        self._draws = draws

    @property
    def draws(self) -> int:
        """Number of draws of all these blocks; they end where the last of them does."""
        return 0 if not len(self) else (len(self) - 1) * self._size + self[-1].draws

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, at: int) -> Block: ...

    @overload
    def __getitem__(self, at: slice) -> Blocks: ...

    def __getitem__(self, at: int | slice) -> Block | Blocks:
        if isinstance(at, slice):
            return Blocks(self._indices[at], self._size, self._draws)
        return self._block(int(self._indices[at]))

    def __iter__(self) -> Iterator[Block]:
        return (self._block(int(index)) for index in self._indices)

    def __repr__(self) -> str:
        return f"<{len(self)} blocks of {self._size} draws>"

    def _block(self, index: int) -> Block:
        start = index * self._size
        stop = start + self._size
        return Block(index, start, stop if self._draws is None else min(stop, self._draws))


def plan_blocks(draws: int, block_draws: int) -> Blocks:
    """Blocks that hold the first `draws` draws, all of them full.

    The last one may go beyond what was asked for. Its draws are made with the rest, and a version says how many of them
    count: so a corpus that grows never writes a published file again, and a reader's files never change under it.
    """
    return Blocks(range(-(-draws // block_draws)), block_draws)


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
