"""Values of any draws of a corpus: out of whole blocks as they are read, or out of arrays that are decoded already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.reader import Corpus
from sgnn.learning.stream.ahead import ahead
from sgnn.learning.stream.buffers import Buffers

Arrays = dict[str, NDArray[Any]]
READERS = 4
"""Blocks decoded at a time: enough to hide a store's delay, few enough for the memory."""


class Reader(Protocol):
    """Reads draws of one corpus."""

    def gather(self, draws: NDArray[np.int64], names: Sequence[str]) -> Arrays:
        """Values (draw, …) of some draws by their indices, by variable."""


class ArrayReader:
    """Draws of arrays that lie decoded in memory, or in files mapped into it."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], buffers: Buffers) -> None:
        self.arrays, self.buffers = arrays, buffers

    def gather(self, draws: NDArray[np.int64], names: Sequence[str]) -> Arrays:
        """A copy of the rows."""
        values = {}
        for name in names:
            array = self.arrays[name]
            values[name] = self.buffers.empty((len(draws), *array.shape[1:]), array.dtype)
            # without a look at every index, which would take a copy in between
            np.take(array, draws, axis=0, out=values[name], mode="clip")
        return values


class BlockReader:
    """Draws out of whole blocks, decoded as they are needed; those of the last call are kept, if they are few."""

    def __init__(self, corpus: Corpus, keep: int, buffers: Buffers) -> None:
        self.corpus, self.keep, self.buffers = corpus, keep, buffers
        self._size = corpus.layout.block_draws
        self._kept: dict[int, Arrays] = {}

    def gather(self, draws: NDArray[np.int64], names: Sequence[str]) -> Arrays:
        """Each block is read once. Raises as `Corpus.read` does."""
        block = draws // self._size
        order = np.argsort(block, kind="stable")
        wanted, firsts = np.unique(block[order], return_index=True)
        blocks, kept = wanted.tolist(), self._kept
        self._kept = {}
        arrays = ahead(lambda index: kept.get(index) or self.corpus.read(index, names), blocks, READERS)
        values: Arrays = {}
        for index, places, one in zip(blocks, np.split(order, firsts[1:]), arrays, strict=True):
            if len(blocks) <= self.keep:
                self._kept[index] = one
            for name in names:
                if name not in values:
                    values[name] = self.buffers.empty((len(draws), *one[name].shape[1:]), one[name].dtype)
                values[name][places] = one[name][draws[places] - index * self._size]
        return values
