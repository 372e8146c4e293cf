"""Whether rows of random numbers that should be independent follow each other, shifted or not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sgnn.corpus.audit.contract import Array

LENGTH = 256
"""Values of a row that are looked at."""
NEIGHBOURS = (1, 2, 3, 4)
"""How many draws apart."""
FEWEST = 32
"""Pairs below which nothing is told."""


@dataclass(frozen=True)
class Peak:
    """The strongest connection found: how many draws apart, shifted by how many values, how strong, how sure."""

    apart: int
    shift: int
    strength: float
    """Mean over pairs of the shared part of their changes: 1 for copies, 0 for independent rows."""
    p_value: float
    """Corrected for the number of distances and shifts looked at."""
    pairs: int


class Crosstalk:
    """Cross-correlation of each row's changes with those of its neighbours, at all shifts up to half of the row.

    A row's changes from value to value are set to unit length, and the mean over all rows is taken off: what all draws
    have in common, such as weekdays. For independent rows from one distribution the mean product of two is then zero
    at every shift, whatever the distribution.
    """

    def __init__(self) -> None:
        self._sums: Array | None = None
        self._squares: Array | None = None
        self._pairs = np.zeros(len(NEIGHBOURS))
        self._power = self._rows = self._batches = 0.0

    def see(self, values: Array) -> None:
        """Take in rows (draw, …) of neighbouring draws; a row without changes has no part in it."""
        changes, there = unit_changes(values)
        if changes.shape[1] < 2 or there.sum() < 2:
            return
        changes[there] -= changes[there].mean(axis=0)
        self._power += float((changes[there] ** 2).sum())
        self._rows += float(there.sum())
        self._batches += 1.0
        length = changes.shape[1]
        size = 1 << (2 * length - 1).bit_length()
        spectra = np.fft.rfft(changes, size, axis=1)
        for at, apart in enumerate(NEIGHBOURS):
            both = there[:-apart] & there[apart:]
            if not both.any():
                continue
            product = np.fft.irfft(spectra[apart:][both] * spectra[:-apart][both].conj(), size, axis=1)
            middle = length // 2
            # shift s: what the later draw has at t + s is what the earlier one has at t
            shifts = np.clip(np.concatenate([product[:, -middle:], product[:, : middle + 1]], axis=1), -1.0, 1.0)
            if self._sums is None or self._squares is None:
                self._sums = np.zeros((len(NEIGHBOURS), shifts.shape[1]))
                self._squares = np.zeros_like(self._sums)
            self._sums[at] += shifts.sum(axis=0)
            self._squares[at] += (shifts**2).sum(axis=0)
            self._pairs[at] += float(both.sum())

    def peak(self) -> Peak | None:
        """The surest connection; None where too few rows were seen to tell."""
        if self._sums is None or self._squares is None or self._pairs.min() < FEWEST or not self._power:
            return None
        pairs = self._pairs[:, None]
        mean, power = self._sums / pairs, self._power / self._rows
        # rows of a batch, whose mean is taken off, are by that much opposed to each other
        opposed = power * self._batches / self._rows
        evidence = bernstein(np.maximum(np.abs(mean) - opposed, 0.0), self._squares / pairs - mean**2, pairs / 2.0)
        at, column = np.unravel_index(int(np.argmax(evidence)), evidence.shape)
        # two halves of the pairs, in each of which no draw occurs twice
        p_value = min(1.0, 2.0 * evidence.size * 4.0 * math.exp(-float(evidence[at, column])))
        shift = int(column) - (evidence.shape[1] - 1) // 2
        strength = float(mean[at, column]) / power
        return Peak(NEIGHBOURS[at], shift, strength, p_value, int(self._pairs[at]))


def bernstein(mean: Array, variance: Array, number: Array) -> Array:
    """Exponent L of the bound 4 exp(-L) on the chance that ``number`` values within -1 to 1 have such a mean.

    The empirical Bernstein bound (Maurer & Pontil 2009), solved for L: it needs no normal distribution, and so holds
    for smooth curves, whose products scatter widely, as for noise.
    """
    slope = 14.0 / (3.0 * np.maximum(number - 1.0, 1.0))
    root = np.sqrt(2.0 * np.maximum(variance, 0.0) / number)
    return np.asarray(((np.sqrt(root**2 + 4.0 * slope * mean) - root) / (2.0 * slope)) ** 2)


def unit_changes(values: Array) -> tuple[Array, Array]:
    """Changes (draw, step) of unit length from value to value, and which rows (draw,) have any.

    A change to or from a missing value counts as none.
    """
    rows = values.reshape(len(values), -1)[:, :LENGTH].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        changes = np.diff(rows, axis=1)
    changes[~np.isfinite(changes)] = 0.0
    largest = np.abs(changes).max(axis=1, initial=0.0)
    there = largest > 0.0
    changes[there] /= largest[there, None]
    changes[there] /= np.sqrt((changes[there] ** 2).sum(axis=1))[:, None]
    return changes, there


def serial(ranks: Array) -> tuple[Array, Array]:
    """Score (distance, parameter) of the correlation of neighbours' ranks (draw, parameter), and pairs of each."""
    centred = ranks - 0.5
    sums, pairs = [], []
    for apart in NEIGHBOURS:
        products = centred[apart:] * centred[:-apart]
        sums.append(np.nansum(products, axis=0))
        pairs.append(np.isfinite(products).sum(axis=0))
    return np.asarray(sums), np.asarray(pairs)


def serial_p_value(sums: Array, pairs: Array, least_pairs: int) -> tuple[float, tuple[int, int]]:
    """P-value of the strongest of all serial correlations, corrected for their number, and which it is."""
    usable = pairs >= least_pairs
    if not usable.any():
        return 1.0, (0, 0)
    scores = np.where(usable, np.abs(sums) * 12.0 / np.sqrt(np.maximum(pairs, 1)), 0.0)
    at = np.unravel_index(int(np.argmax(scores)), scores.shape)
    p_value = math.erfc(float(scores[at]) / math.sqrt(2.0)) * int(usable.sum())
    return min(1.0, p_value), (int(at[0]), int(at[1]))
