"""Means and standard deviations of columns that stream by."""

from __future__ import annotations

import numpy as np

from sgnn.corpus.audit.contract import Array


class Moments:
    """Count, mean, standard deviation, least and largest of ``width`` columns; NaN are left out.

    Chan, Golub & LeVeque (1983): stable, however many draws there are.
    """

    def __init__(self, width: int) -> None:
        self.count = np.zeros(width, dtype=np.int64)
        self.mean = np.zeros(width)
        self._squares = np.zeros(width)
        self.least, self.largest = np.full(width, np.inf), np.full(width, -np.inf)

    def see(self, values: Array) -> None:
        """Take in ``values`` (draw, column)."""
        there = np.isfinite(values)
        count = there.sum(axis=0)
        filled = np.where(there, values, 0.0)
        mean = filled.sum(axis=0) / np.maximum(count, 1)
        squares = (np.where(there, values - mean, 0.0) ** 2).sum(axis=0)
        total = np.maximum(self.count + count, 1)
        apart = mean - self.mean
        self._squares += squares + apart**2 * self.count * count / total
        self.mean += apart * count / total
        self.count += count
        self.least = np.minimum(self.least, np.where(there, values, np.inf).min(axis=0, initial=np.inf))
        self.largest = np.maximum(self.largest, np.where(there, values, -np.inf).max(axis=0, initial=-np.inf))

    @property
    def deviation(self) -> Array:
        """Standard deviations (column,)."""
        return np.asarray(np.sqrt(self._squares / np.maximum(self.count - 1, 1)))
