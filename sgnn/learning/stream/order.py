"""The order of a mixture of corpora: window after window, each shuffled within itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgnn.learning.stream.chance import chance
from sgnn.learning.stream.lane import Lane
from sgnn.learning.stream.shares import apportioned, taken


@dataclass(frozen=True)
class Window:
    """The draws of one window in the order shown: which corpus, that corpus's epoch, and which draw of it."""

    source: NDArray[np.int16]
    epoch: NDArray[np.int64]
    draw: NDArray[np.int64]

    def take(self, places: NDArray[np.int64]) -> Window:
        """The draws at some places."""
        return Window(self.source[places], self.epoch[places], self.draw[places])


class Order:
    """Draw after draw of several corpora, without end, in windows of ``size`` draws; any window is known by itself.

    A window takes its part of every corpus from where the window before stopped. Within it the draws of a corpus are
    shuffled, but never over the end of that corpus's epoch, and corpora are mixed at random. An epoch of the mixture
    has as many draws as are usable in all corpora, shared out by the corpora's weights.
    """

    def __init__(self, lanes: Sequence[Lane], weights: Sequence[float], size: int, seed: int) -> None:
        self.lanes, self.size, self.seed = tuple(lanes), size, seed
        self.length = sum(lane.length for lane in lanes)
        self._parts = apportioned(self.length, weights)

    def window(self, number: int) -> Window:
        """One window."""
        starts, stops = (taken(at * self.size, self._parts) for at in (number, number + 1))
        counts = np.array(stops) - np.array(starts)
        source = np.repeat(np.arange(len(self.lanes), dtype=np.int16), counts)
        if len(self.lanes) > 1:
            source = chance(self.seed, "sources", number).permutation(source)
        epoch, draw = np.empty(self.size, dtype=np.int64), np.empty(self.size, dtype=np.int64)
        for lane, start, stop in zip(self.lanes, starts, stops, strict=True):
            mine = slice(None) if len(self.lanes) == 1 else np.flatnonzero(source == lane.number)
            epoch[mine], draw[mine] = self._shuffled(lane, start, stop, number)
        return Window(source, epoch, draw)

    def _shuffled(self, lane: Lane, start: int, stop: int, window: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Draws of a corpus from one place of its endless order to another, shuffled inside each epoch."""
        epochs, draws = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        while start < stop:
            epoch, at = divmod(start, lane.length)
            end = min(stop - epoch * lane.length, lane.length)
            one = chance(self.seed, "draws", window, lane.number, epoch).permutation(lane.draws(epoch, at, end))
            epochs.append(np.full(len(one), epoch, dtype=np.int64))
            draws.append(one)
            start += end - at
        return np.concatenate(epochs), np.concatenate(draws)
