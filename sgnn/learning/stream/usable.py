"""The draws of a corpus that may be shown: of the right part, with the status ok, by block and by mechanism."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sgnn.corpus.reader import Corpus
from sgnn.errors import CorruptCorpusError, RecipeError
from sgnn.learning.stream.part import HELD_OUT_EVERY, Part, is_held_out

UNUSABLE = -1


@dataclass(frozen=True)
class Usable:
    """Usable draws of one corpus in classes that are shown equally often: one class, or one for each mechanism.

    ``edges`` (block + 1,) are the draws at which blocks begin. ``classes`` (draw,) names the class of each draw, -1
    where it is not usable; it is None, and takes no memory, where all draws are ok and of one class. ``weights`` holds
    the frequency of a draw of each class relative to the others.
    """

    part: Part
    edges: NDArray[np.int64]
    weights: tuple[float, ...]
    classes: NDArray[np.int16] | None

    @property
    def blocks(self) -> int:
        """Blocks of the corpus."""
        return len(self.edges) - 1

    @property
    def draws(self) -> int:
        """How many there are, without those of mechanisms whose weight is 0."""
        return int(self.sizes[np.array(self.weights) > 0].sum())

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Usable draws (class,)."""
        return np.asarray(self.counts.sum(axis=1))

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Usable draws (class, block)."""
        if self.classes is None:
            held_out = np.diff(self.edges // HELD_OUT_EVERY)
            return np.atleast_2d(held_out if self.part == "held_out" else np.diff(self.edges) - held_out)
        columns = [np.bincount(self.rows(block)[1], minlength=len(self.weights)) for block in range(self.blocks)]
        return np.stack(columns, axis=1).astype(np.int64)

    @cached_property
    def before(self) -> NDArray[np.int64]:
        """Usable draws in earlier blocks (class, block): the ordinal of the first one of each block in its class."""
        return np.asarray(np.cumsum(self.counts, axis=1) - self.counts)

    def rows(self, block: int) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        """Indices of a block's usable draws, in order, and the class of each."""
        start, stop = self.edges[block], self.edges[block + 1]
        draws = np.arange(start, stop, dtype=np.int64)
        mine = is_held_out(draws) == (self.part == "held_out")
        if self.classes is None:
            return draws[mine], np.zeros(np.count_nonzero(mine), dtype=np.int16)
        classes = self.classes[start:stop]
        mine &= classes != UNUSABLE
        return draws[mine], classes[mine]

    def first(self, most: int) -> NDArray[np.int64]:
        """Indices of the first ``most`` usable draws, or of all there are."""
        parts, found = [np.empty(0, dtype=np.int64)], 0
        for block in range(self.blocks):
            if found >= most:
                break
            parts.append(self.rows(block)[0][: most - found])
            found += len(parts[-1])
        return np.concatenate(parts)


def usable_draws(
    corpus: Corpus, part: Part, mechanisms: Mapping[str, float], labels: Callable[[str], NDArray[np.int64]]
) -> Usable:
    """Usable draws of a corpus, with weights of mechanisms, 1 where not named; ``labels`` reads one number a draw.

    Raises `RecipeError` where no mechanism has a weight, `CorruptCorpusError` for a corpus without blocks.
    """
    if not corpus.number:
        raise CorruptCorpusError(f"corpus {corpus.name} has no blocks", remedy="`sgnn corpus build` makes them")
    edges = np.append(np.arange(0, corpus.number, corpus.layout.block_draws, dtype=np.int64), corpus.number)
    names = corpus.schema.mechanisms
    weighted = any(mechanisms.get(name, 1.0) != 1.0 for name in names)
    weights = tuple(float(mechanisms.get(name, 1.0)) for name in names) if weighted else (1.0,)
    if not any(weights):
        raise RecipeError(
            f"no mechanism of corpus {corpus.name} has a weight above 0", remedy="mend training.mechanisms"
        )
    all_ok = corpus.status.ok == corpus.number
    if all_ok and not weighted:
        return Usable(part, edges, weights, None)
    classes = labels("mechanism").astype(np.int16) if weighted else np.zeros(corpus.number, dtype=np.int16)
    if not all_ok:
        classes[labels("status") != 0] = UNUSABLE
    return Usable(part, edges, weights, classes)
