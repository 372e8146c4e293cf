"""The stream: draws of one or more corpora in shuffled order, whole blocks at a time, resumable to the batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import psutil
from numpy.typing import NDArray

from sgnn.corpus.reader import Corpus
from sgnn.errors import CorruptCorpusError, RecipeError

HELD_OUT_EVERY = 20
_CACHE_SHARE = 0.4
Part = Literal["train", "held_out"]
Arrays = dict[str, NDArray[Any]]


def is_held_out(draws: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which draws are kept from training: every twentieth, the same in every version of a growing corpus."""
    return np.asarray(draws % HELD_OUT_EVERY == HELD_OUT_EVERY - 1)


@dataclass(frozen=True)
class _Source:
    """The usable draws of one corpus: index of the block of each, and position within it."""

    corpus: Corpus
    weight: float
    block: NDArray[np.int32]
    row: NDArray[np.int32]


class CorpusStream:
    """Batches of draws, the same for the same seed whatever was read before.

    One epoch shows every draw once, over all ranks together, but for a remainder smaller than one batch of every rank.
    Of several corpora each gives its weight's share of an epoch, as often over as that takes. Blocks come in shuffled
    order, and ``buffer_blocks`` of them are mixed at a time. What fits into memory is decoded once and kept. The
    position is the number of batches that all ranks have seen: setting ``state`` to it continues exactly there.
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
    ) -> None:
        self.variables = tuple(variables)
        self.batch_draws = batch_draws
        self.seed = seed
        self.part = part
        self.buffer_blocks = buffer_blocks
        self.position = 0
        self._sources = [self._source(corpus, weight) for corpus, weight in corpora]
        self._starts = np.cumsum([0, *(len(source.row) for source in self._sources)])[:-1]
        self._blocks: dict[tuple[int, int], Arrays] = {}
        self._decoded = self._decode() if self._fits() else None
        self.share(rank, world)

    def share(self, rank: int, world: int) -> None:
        """Show this rank its part of every epoch. Raises `RecipeError` where there is not a batch for each."""
        self.rank, self.world = rank, world
        if self.batches_per_epoch == 0:
            raise RecipeError(
                f"the corpus has {self.draws} {self.part} draws, fewer than a batch of {self.batch_draws} on {world} "
                "ranks",
                remedy="ask for more draws or smaller batches",
            )

    @property
    def draws(self) -> int:
        """Usable draws of this part in all corpora."""
        return sum(len(source.row) for source in self._sources)

    @property
    def batches_per_epoch(self) -> int:
        """Batches that each rank sees in one epoch."""
        return self.draws // (self.batch_draws * self.world)

    @property
    def state(self) -> dict[str, int]:
        """Where the stream is: goes into the checkpoint."""
        return {"position": self.position, "seed": self.seed, "batch_draws": self.batch_draws, "draws": self.draws}

    def restore(self, state: Mapping[str, int]) -> None:
        """Continue where a stream of that state was. Raises `RecipeError` where it was a stream of other batches."""
        now = self.state
        for name in ("seed", "batch_draws", "draws"):
            if state[name] != now[name]:
                raise RecipeError(
                    f"the checkpoint was made with {name} {state[name]}, this run has {now[name]}",
                    remedy="resume with the same recipe and corpus, or train anew with --resume never",
                )
        self.position = state["position"]

    def __iter__(self) -> Iterator[Arrays]:
        """Batches from the current position on, without end: arrays (batch, …), with ``draw``, the index."""
        while True:
            epoch, at = divmod(self.position // self.world, self.batches_per_epoch)
            order = self._order(epoch)
            for number in range(at, self.batches_per_epoch):
                first = (number * self.world + self.rank) * self.batch_draws
                rows = order[first : first + self.batch_draws]
                self.position += self.world
                yield self.take(rows)

    def take(self, picked: NDArray[np.int64]) -> Arrays:
        """Arrays of usable draws by their position, 0 to ``draws`` - 1."""
        if self._decoded is not None:
            return {name: array[picked] for name, array in self._decoded.items()}
        batch: Arrays = {}
        which = np.searchsorted(self._starts, picked, side="right") - 1
        for number, source in enumerate(self._sources):
            mine = np.flatnonzero(which == number)
            local = picked[mine] - self._starts[number]
            for block in np.unique(source.block[local]):
                inside = np.flatnonzero(source.block[local] == block)
                for name, array in self._read(number, int(block)).items():
                    if name not in batch:
                        batch[name] = np.empty((len(picked), *array.shape[1:]), dtype=array.dtype)
                    batch[name][mine[inside]] = array[source.row[local[inside]]]
        return batch

    def all(self, most: int | None = None) -> Arrays:
        """All usable draws at once, or the first ``most`` of them."""
        return self.take(np.arange(min(self.draws, most or self.draws)))

    def _order(self, epoch: int) -> NDArray[np.int64]:
        """Order of the draws in an epoch: blocks shuffled, then draws shuffled within groups of blocks."""
        chance = np.random.Generator(np.random.Philox(key=np.array([self.seed, epoch], dtype=np.uint64)))
        start, groups = 0, []
        for source in self._sources:
            blocks = chance.permutation(np.unique(source.block))
            rank = np.empty(int(source.block.max()) + 1, dtype=np.int64)
            rank[blocks] = np.arange(len(blocks))
            group = rank[source.block] // self.buffer_blocks
            groups.append(np.lexsort((chance.random(len(group)), group)) + start)
            start += len(group)
        if len(groups) == 1:
            return groups[0]
        # every corpus keeps its own order, so that blocks are still read one after the other
        total = sum(source.weight for source in self._sources)
        counts = [round(self.draws * source.weight / total) for source in self._sources]
        places = [(np.arange(count) + chance.random(count)) / max(count, 1) for count in counts]
        mixed = np.concatenate([np.resize(group, count) for group, count in zip(groups, counts, strict=True)])
        whole: NDArray[np.int64] = mixed[np.argsort(np.concatenate(places), kind="stable")]
        return np.resize(whole, self.draws)

    def _read(self, number: int, block: int) -> Arrays:
        """A decoded block; of those read before, the last few are kept."""
        key = (number, block)
        if key not in self._blocks:
            while len(self._blocks) > self.buffer_blocks * len(self._sources):
                self._blocks.pop(next(iter(self._blocks)))
            corpus = self._sources[number].corpus
            values = corpus.read(block, self.variables)
            values["draw"] = corpus.blocks[block].start + np.arange(len(next(iter(values.values()))))
            self._blocks[key] = values
        return self._blocks[key]

    def _decode(self) -> Arrays:
        """All usable draws, decoded once."""
        parts: list[Arrays] = []
        for number, source in enumerate(self._sources):
            for block in range(len(source.corpus.blocks)):
                rows = source.row[source.block == block]
                parts.append({name: array[rows] for name, array in self._read(number, block).items()})
        self._blocks.clear()
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _fits(self) -> bool:
        """Whether all decoded draws fit into a fair share of the free memory."""
        bytes_per_draw = sum(array.nbytes / len(array) for array in self._read(0, 0).values())
        total = bytes_per_draw * sum(source.corpus.number for source in self._sources)
        return bool(total < _CACHE_SHARE * psutil.virtual_memory().available)

    def _source(self, corpus: Corpus, weight: float) -> _Source:
        blocks, rows = [], []
        for block in corpus.blocks:
            status = corpus.read(block, ["status"])["status"]
            index = np.arange(block.start, block.start + len(status), dtype=np.int64)
            chosen = is_held_out(index) == (self.part == "held_out")
            usable = np.flatnonzero(chosen & (status == 0))
            blocks.append(np.full(len(usable), block.index, dtype=np.int32))
            rows.append(usable.astype(np.int32))
        if not blocks:
            raise CorruptCorpusError(f"corpus {corpus.name} has no blocks", remedy="`sgnn corpus build` makes them")
        return _Source(corpus, weight, np.concatenate(blocks), np.concatenate(rows))
