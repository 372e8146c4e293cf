"""The stream: batches of draws of one or more corpora, the same for the same seed whatever was read before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sgnn.corpus.reader import Corpus
from sgnn.errors import RecipeError
from sgnn.learning.stream.ahead import ahead
from sgnn.learning.stream.buffers import Buffers
from sgnn.learning.stream.cache import decoded_arrays, one_number_a_draw
from sgnn.learning.stream.lane import Lane
from sgnn.learning.stream.order import Order, Window
from sgnn.learning.stream.part import Part
from sgnn.learning.stream.reader import ArrayReader, Arrays, BlockReader, Reader
from sgnn.learning.stream.usable import Usable, usable_draws

__all__ = ["Arrays", "CorpusStream"]


class CorpusStream:
    """Batches of draws without end: batch *n* is the same on one process as on many, and after any interruption.

    Each corpus of ``corpora`` has its weight's share of the draws shown; in each, ``mechanisms`` weighs those of its
    draws (1 where not named). Without weights every epoch shows every usable draw once. Batch *n* goes to rank *n*
    modulo ``world``, so that ranks never wait for one that has no more. About ``buffer_blocks`` blocks are mixed at a
    time, and the next ones are read while these are used. What has room on disk, below ``cache``, or in memory is
    decoded once.

    The position is the number of batches that all ranks have seen: a stream restored to it continues exactly there.
    """

    def __init__(
        self,
        corpora: Sequence[tuple[Corpus, float]],
        variables: Sequence[str],
        batch_draws: int,
        seed: int,
        part: Part = "train",
        rank: int = 0,
        world: int = 1,
        buffer_blocks: int = 4,
        mechanisms: Mapping[str, float] | None = None,
        cache: Path | None = None,
    ) -> None:
        self.corpora = tuple(corpus for corpus, _ in corpora)
        self.variables = tuple(dict.fromkeys(variables))
        self.batch_draws = batch_draws
        self.seed = seed
        self.part = part
        self.buffer_blocks = buffer_blocks
        self.cache = cache
        self.position = 0
        self._check(mechanisms or {})
        self._usable = tuple(self._usable_of(corpus, mechanisms or {}) for corpus in self.corpora)
        self._decoded: tuple[Arrays | None, ...] | None = None
        lanes = [Lane(usable, seed, number) for number, usable in enumerate(self._usable)]
        self._order = Order(lanes, [weight for _, weight in corpora], self._window_draws(), seed)
        self.share(rank, world)

    def share(self, rank: int, world: int) -> None:
        """Show this rank its part of the batches. Raises `RecipeError` where an epoch has not a batch for each."""
        self.rank, self.world = rank, world
        if self.batches_per_epoch == 0:
            raise RecipeError(
                f"the corpus has {self.draws} {self.part} draws, fewer than a batch of {self.batch_draws} on {world} "
                "ranks",
                remedy="ask for more draws or smaller batches",
            )

    @property
    def draws(self) -> int:
        """Usable draws of this part in all corpora: as many make an epoch."""
        return self._order.length

    @property
    def batches_per_epoch(self) -> int:
        """Whole batches that each rank sees in one epoch; a batch may hold the end of one and the start of the next."""
        return self.draws // (self.batch_draws * self.world)

    @property
    def state(self) -> dict[str, int]:
        """Where the stream is: goes into the checkpoint."""
        return {
            "position": self.position,
            "seed": self.seed,
            "batch_draws": self.batch_draws,
            "draws": self.draws,
            "window": self._order.size,
        }

    def restore(self, state: Mapping[str, int]) -> None:
        """Continue where a stream of that state was. Raises `RecipeError` where it was a stream of other batches."""
        now = self.state
        for name in ("seed", "batch_draws", "draws", "window"):
            if state.get(name) != now[name]:
                raise RecipeError(
                    f"the checkpoint was made with {name} {state.get(name)}, this run has {now[name]}",
                    remedy="resume with the same recipe and corpus, or train anew with --resume never",
                )
        self.position = state["position"]

    def __iter__(self) -> Iterator[Arrays]:
        """Batches of this rank from the position on: arrays (batch, …), with ``draw``, the index in its corpus."""
        for _, batch in self.numbered():
            yield batch

    def numbered(self, worker: int = 0, workers: int = 1) -> Iterator[tuple[int, Arrays]]:
        """The same with the number of each batch among those of all ranks; of several loader workers, one's share."""
        readers = self._readers()
        first = self.position + self.rank + self.world * worker
        windows = self._windows(first, self.world * workers)
        # what is decoded is faster copied than waited for
        most = 0 if all(isinstance(reader, ArrayReader) for reader in readers) else 1
        for numbers, arrays in ahead(partial(self._read, readers), windows, most):
            for at, number in enumerate(numbers):
                self.position = number - self.rank + self.world
                rows = slice(at * self.batch_draws, (at + 1) * self.batch_draws)
                yield number, {name: values[rows] for name, values in arrays.items()}

    def all(self, most: int | None = None) -> Arrays:
        """All usable draws at once in the order of their corpora, or the first ``most``; weights do not count."""
        parts, left = [], self.draws if most is None else most
        for corpus, usable in zip(self.corpora, self._usable, strict=True):
            draws = usable.first(left)
            left -= len(draws)
            parts.append({**BlockReader(corpus, 0, Buffers()).gather(draws, self.variables), "draw": draws})
            if not left:
                break
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _windows(self, first: int, step: int) -> Iterator[range]:
        """Numbers of the batches that come next, window by window."""
        size = self._order.size // self.batch_draws
        while True:
            numbers = range(first, (first // size + 1) * size, step)
            yield numbers
            first = numbers[-1] + step

    def _read(self, readers: Sequence[Reader], numbers: range) -> tuple[range, Arrays]:
        """Some batches of a window, one after the other in each array."""
        size = self._order.size // self.batch_draws
        window = self._order.window(numbers[0] // size)
        if len(numbers) < size:
            starts = (np.array(numbers, dtype=np.int64) % size) * self.batch_draws
            window = window.take((starts[:, None] + np.arange(self.batch_draws)).ravel())
        return numbers, self._values(readers, window)

    def _values(self, readers: Sequence[Reader], window: Window) -> Arrays:
        if len(readers) == 1:
            return {**readers[0].gather(window.draw, self.variables), "draw": window.draw}
        values: Arrays = {"draw": window.draw}
        for number, reader in enumerate(readers):
            mine = np.flatnonzero(window.source == number)
            for name, array in reader.gather(window.draw[mine], self.variables).items():
                if name not in values:
                    values[name] = np.empty((len(window.draw), *array.shape[1:]), dtype=array.dtype)
                values[name][mine] = array
        return values

    def _readers(self) -> tuple[Reader, ...]:
        """A reader of each corpus, for one thread."""
        if self._decoded is None:
            self._decoded = tuple(decoded_arrays(corpus, self.variables, self.cache) for corpus in self.corpora)
        buffers = Buffers()
        keep = 4 * (self.buffer_blocks + 1)
        return tuple(
            BlockReader(corpus, keep, buffers) if arrays is None else ArrayReader(arrays, buffers)
            for corpus, arrays in zip(self.corpora, self._decoded, strict=True)
        )

    def _window_draws(self) -> int:
        """Draws of a window: whole batches, as many as there are in the blocks that are mixed."""
        draws = max(usable.draws / usable.blocks for usable in self._usable) * self.buffer_blocks
        return max(1, round(draws / self.batch_draws)) * self.batch_draws

    def _usable_of(self, corpus: Corpus, mechanisms: Mapping[str, float]) -> Usable:
        usable = usable_draws(corpus, self.part, mechanisms, lambda name: one_number_a_draw(corpus, name, self.cache))
        if not usable.draws:
            raise RecipeError(
                f"corpus {corpus.name} has no {self.part} draws that are shown", remedy="ask for more draws"
            )
        return usable

    def _check(self, mechanisms: Mapping[str, float]) -> None:
        """Raise `RecipeError` where corpora give a variable differently, or none has a mechanism that is weighted."""
        known = sorted({name for corpus in self.corpora for name in corpus.schema.mechanisms})
        for name in mechanisms:
            if name not in known:
                raise RecipeError(
                    f"training.mechanisms names '{name}', which no corpus has", remedy=f"there are: {', '.join(known)}"
                )
        first = self.corpora[0]
        for corpus in self.corpora[1:]:
            for name in self.variables:
                here, there = (_form(one, name) for one in (first, corpus))
                if here != there:
                    raise RecipeError(
                        f"variable '{name}' is {there} in corpus {corpus.name}, {here} in {first.name}",
                        remedy="mix corpora that were observed alike",
                    )

    def __getstate__(self) -> dict[str, Any]:
        # another process maps or decodes for itself
        return {**self.__dict__, "_decoded": None}


def _form(corpus: Corpus, name: str) -> str:
    if name not in corpus.variables:
        return "missing"
    array = corpus.layout.array(name)
    return f"{array.dtype} {array.shape}"
