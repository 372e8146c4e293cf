"""The order of one corpus's draws: epoch after epoch, its blocks shuffled anew in each. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgnn.learning.stream.chance import chance
from sgnn.learning.stream.shares import apportioned, chosen, chosen_before
from sgnn.learning.stream.usable import Usable

Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class _Epoch:
    """One epoch: which block is next, in which pass over the blocks, and how many draws there are up to its end."""

    block: Int64
    passed: Int64
    end: Int64
    offset: Int64


class Lane:
    """Draws of one corpus without end. An epoch has as many as are usable, each as often as its mechanism's weight.

    Without weights it shows each once. A draw that is due more than once comes in as many passes over the blocks, which
    go on side by side, so that mechanisms keep their shares all along and a draw does not soon come again; of what is
    due a part of the time, another evenly spaced part comes in each epoch, so that all come equally often.
    """

    def __init__(self, usable: Usable, seed: int, number: int) -> None:
        self.usable, self.seed, self.number = usable, seed, number
        self.length = usable.draws
        due = apportioned(
            self.length, [size * w for size, w in zip(usable.sizes.tolist(), usable.weights, strict=True)]
        )
        self._sizes = np.maximum(usable.sizes, 1)
        # whole times that each draw of a class comes, and how many draws of it come once more
        self._often, self._more = np.divmod(np.array(due, dtype=np.int64), self._sizes)
        self._plans: dict[int, _Epoch] = {}

    def draws(self, epoch: int, start: int, stop: int) -> Int64:
        """Indices of the draws at places ``start`` to ``stop`` of an epoch, block after block."""
        plan = self._plan(epoch)
        parts, first = [], int(np.searchsorted(plan.end, start, side="right"))
        for at in range(first, len(plan.end)):
            begin = int(plan.end[at - 1]) if at else 0
            if begin >= stop:
                break
            rows = self._rows(plan, at)
            parts.append(rows[max(start - begin, 0) : stop - begin])
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def _plan(self, epoch: int) -> _Epoch:
        """The plan of an epoch; the last one is kept."""
        if epoch not in self._plans:
            self._plans = {epoch: self._planned(epoch)}
        return self._plans[epoch]

    def _planned(self, epoch: int) -> _Epoch:
        numbers = chance(self.seed, "blocks", self.number, epoch)
        offset = numbers.integers(self._sizes)
        passes = int((self._often + (self._more > 0)).max())
        blocks = np.stack([numbers.permutation(self.usable.blocks) for _ in range(passes)])
        sizes = np.stack([self._counts(number, offset)[blocks[number]] for number in range(passes)])
        # pass beside pass: the first block of each, the second of each, ...
        passed = np.broadcast_to(np.arange(passes)[:, None], blocks.shape)
        return _Epoch(blocks.T.ravel(), passed.T.ravel(), np.cumsum(sizes.T.ravel()), offset)

    def _counts(self, passed: int, offset: Int64) -> Int64:
        """Draws of each block that come in a pass."""
        counts, before = self.usable.counts, self.usable.before
        total = np.zeros(self.usable.blocks, dtype=np.int64)
        for one, often in enumerate(self._often):
            if passed < often:
                total += counts[one]
            elif passed == often:
                more = (int(self._more[one]), int(self._sizes[one]), int(offset[one]))
                total += chosen_before(before[one] + counts[one], *more) - chosen_before(before[one], *more)
        return total

    def _rows(self, plan: _Epoch, at: int) -> Int64:
        """Draws that come at one place of the plan."""
        block, passed = int(plan.block[at]), int(plan.passed[at])
        draws, classes = self.usable.rows(block)
        if not self._more.any() and (passed < self._often).all():
            return draws
        due = passed < self._often[classes]
        for one in np.flatnonzero(self._often == passed):
            mine = np.flatnonzero(classes == one)
            ordinals = self.usable.before[one, block] + np.arange(len(mine))
            due[mine] = chosen(ordinals, int(self._more[one]), int(self._sizes[one]), int(plan.offset[one]))
        return draws[due]
