"""The stream: batches of draws of one or more corpora, the same for the same seed whatever was read before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.reader import Corpus
from sgnn.errors import RecipeError, SgnnError
from sgnn.learning.stream.ahead import ahead
from sgnn.learning.stream.buffers import Buffers
from sgnn.learning.stream.cache import decoded_arrays, one_number_a_draw
from sgnn.learning.stream.fresh import FreshObservation
from sgnn.learning.stream.lane import Lane
from sgnn.learning.stream.order import Order, Window
from sgnn.learning.stream.part import Part
from sgnn.learning.stream.reader import ArrayReader, Arrays, BlockReader, Reader
from sgnn.learning.stream.usable import Usable, usable_draws

__all__ = ["Arrays", "CorpusStream"]


class CorpusStream:
    """Batches of draws without end: batch *n* is the same on one process as on many, and after any interruption.

    Each corpus of ``corpora`` has its weight's share of the draws shown; in each, ``mechanisms`` weighs those of its
    draws (1 where not named). With ``fresh`` they are observed anew in each epoch; those that cannot be are left out of
    their batch, which is then so much smaller. Without weights every epoch shows every usable draw once. Each of
    ``world`` ranks gets its part of every batch, so that none waits for one that has no more. About ``buffer_blocks``
    blocks are mixed at a time, and the next ones are read while these are used. What has room on disk, below ``cache``,
    or in memory is decoded once, unless ``decode`` is false.

    The position is the number of batches seen: a stream restored to it continues exactly there, on any number of ranks.
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
        fresh: bool = False,
        cache: Path | None = None,
        decode: bool = True,
    ) -> None:
        self.corpora = tuple(corpus for corpus, _ in corpora)
        self.variables = tuple(dict.fromkeys(variables))
        self.batch_draws = batch_draws
        self.seed = seed
        self.part = part
        self.buffer_blocks = buffer_blocks
        self.cache, self.decode = cache, decode
        self.position = 0
        self._fresh = tuple(FreshObservation(corpus, self.variables, seed) for corpus in self.corpora) if fresh else ()
        self._check(mechanisms or {})
        self._usable = tuple(self._usable_of(corpus, mechanisms or {}) for corpus in self.corpora)
        self._decoded: tuple[Arrays | None, ...] | None = None
        lanes = [Lane(usable, seed, number) for number, usable in enumerate(self._usable)]
        self._order = Order(lanes, [weight for _, weight in corpora], self._window_draws(), seed)
        if self.draws < batch_draws:
            raise RecipeError(
                f"there are {self.draws} {part} draws, fewer than a batch of {batch_draws}",
                remedy="ask for more draws or smaller batches",
            )
        self.share(rank, world)

    def share(self, rank: int, world: int) -> None:
        """Show this rank its part of every batch. Raises `RecipeError` where a batch has not a draw for each."""
        self.rank, self.world = rank, world
        if self.batch_draws < world:
            raise RecipeError(
                f"a batch of {self.batch_draws} draws has none for some of {world} ranks",
                remedy="train on fewer, or with a larger training.batch_draws",
            )

    @property
    def draws(self) -> int:
        """Usable draws of this part in all corpora: as many make an epoch."""
        return self._order.length

    @property
    def share_of_batch(self) -> int:
        """Draws of every batch that this rank gets."""
        begin, end = self._part_of_batch()
        return end - begin

    @property
    def batches_per_epoch(self) -> int:
        """Whole batches in one epoch; a batch may hold the end of one and the start of the next."""
        return self.draws // self.batch_draws

    @property
    def weighted(self) -> bool:
        """Whether some draws are shown more often than others."""
        return len(self.corpora) > 1 or any(len(usable.weights) > 1 for usable in self._usable)

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
        """This rank's part of every batch from the position on: (batch, …), with ``draw``, the index in its corpus."""
        for _, batch in self.numbered():
            yield batch

    def numbered(self, worker: int = 0, workers: int = 1) -> Iterator[tuple[int, Arrays]]:
        """The same with the number of each batch; of several loader workers, every so-manieth batch for one of them."""
        readers = self._readers()
        windows = self._windows(self.position + worker, workers)
        # what is decoded is faster copied than waited for
        most = 0 if all(isinstance(reader, ArrayReader) for reader in readers) and not self._fresh else 1
        for numbers, ends, arrays in ahead(partial(self._read, readers), windows, most):
            start = 0
            for number, end in zip(numbers, ends, strict=True):
                self.position = number + 1
                yield number, {name: values[start:end] for name, values in arrays.items()}
                start = end

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

    def sample(self, most: int) -> Arrays:
        """The first draws of the order, at most an epoch of them: corpora and mechanisms by their weights."""
        size = min(most, self.draws)
        windows = [self._order.window(number) for number in range(-(-size // self._order.size))]
        whole = Window(
            *(np.concatenate([getattr(one, part) for one in windows]) for part in ("source", "epoch", "draw"))
        )
        window = whole.take(np.arange(size))
        readers = [BlockReader(corpus, 0, Buffers()) for corpus in self.corpora]
        return {**self._gathered(readers, window)[0], "draw": window.draw}

    def _windows(self, first: int, step: int) -> Iterator[range]:
        """Numbers of the batches that come next, window by window."""
        size = self._order.size // self.batch_draws
        while True:
            numbers = range(first, (first // size + 1) * size, step)
            yield numbers
            first = numbers[-1] + step

    def _read(self, readers: Sequence[Reader], numbers: range) -> tuple[range, list[int], Arrays]:
        """Some batches of a window, one after the other in each array, and where each of them ends."""
        size = self._order.size // self.batch_draws
        window = self._order.window(numbers[0] // size)
        begin, end = self._part_of_batch()
        if len(numbers) < size or self.world > 1:
            starts = (np.array(numbers, dtype=np.int64) % size) * self.batch_draws
            window = window.take((starts[:, None] + np.arange(begin, end)).ravel())
        ends: NDArray[Any] = np.arange(1, len(numbers) + 1) * (end - begin)
        values, good = self._gathered(readers, window)
        values["draw"] = window.draw
        if good.all():
            return numbers, ends.tolist(), values
        ends = np.cumsum(good)[ends - 1]
        if np.diff(ends, prepend=0).min() == 0:
            raise SgnnError(
                f"none of the {end - begin} draws of a batch could be observed anew",
                remedy="mend the observation in the recipe, or train without fresh_observations",
            )
        return numbers, ends.tolist(), {name: array[good] for name, array in values.items()}

    def _part_of_batch(self) -> tuple[int, int]:
        return self.rank * self.batch_draws // self.world, (self.rank + 1) * self.batch_draws // self.world

    def _gathered(self, readers: Sequence[Reader], window: Window) -> tuple[Arrays, NDArray[np.bool_]]:
        """Values of the draws of a window, and which of the draws (draw,) may be shown."""
        if len(readers) == 1:
            return self._shown(0, readers[0], window)
        good, values = np.ones(len(window.draw), dtype=np.bool_), Arrays()
        for number, reader in enumerate(readers):
            mine = np.flatnonzero(window.source == number)
            if not len(mine):
                continue
            own, good[mine] = self._shown(number, reader, window.take(mine))
            for name, array in own.items():
                if name not in values:
                    values[name] = np.empty((len(window.draw), *array.shape[1:]), dtype=array.dtype)
                values[name][mine] = array
        return values, good

    def _shown(self, number: int, reader: Reader, window: Window) -> tuple[Arrays, NDArray[np.bool_]]:
        """Values of draws of one corpus, as they are stored or observed anew, and which may be shown."""
        if self._fresh:
            fresh = self._fresh[number]
            return fresh.observe(reader.gather(window.draw, fresh.stored), window.draw, window.epoch)
        return reader.gather(window.draw, self.variables), np.ones(len(window.draw), dtype=np.bool_)

    def _readers(self) -> tuple[Reader, ...]:
        """A reader of each corpus, for one thread."""
        if self._decoded is None:
            stored = [one.stored for one in self._fresh] or [self.variables] * len(self.corpora)
            self._decoded = tuple(
                decoded_arrays(corpus, names, self.cache) if self.decode else None
                for corpus, names in zip(self.corpora, stored, strict=True)
            )
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
