"""Which of many tests are rejected, so that a sound corpus hardly ever has a finding."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from sgnn.corpus.audit.contract import Array

FALSE_ALARMS = 0.01
"""Chance that the audit of a sound corpus has a finding at all, over all of its tests."""


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number: the least level at which each is rejected (Holm 1979).

    The chance of one false rejection or more is at most that level, however the tests depend on each other.
    """
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    corrected, largest = [1.0] * len(p_values), 0.0
    for rank, at in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[at]))
        corrected[at] = largest
    return corrected


def least(p_values: Iterable[float]) -> float:
    """One p-value for several tests: the least of them times their number (Bonferroni)."""
    values = list(p_values)
    return min(1.0, len(values) * min(values)) if values else 1.0


def two_sided(score: float) -> float:
    """P-value of a standard normal score, in both directions."""
    return math.erfc(abs(score) / math.sqrt(2.0))


def kolmogorov(distance: float, size: float) -> float:
    """P-value of a largest difference between distribution functions; ``size`` is n, or nm / (n + m) of two samples.

    The limit law, which for finite samples and for differences looked at on a grid errs on the safe side.
    """
    from scipy.special import kolmogorov as survival

    return float(survival(math.sqrt(size) * distance))


def binomial(hits: int, trials: int, chance: float) -> float:
    """P-value, in both directions, of that many hits: twice the smaller tail of the exact distribution."""
    from scipy.stats import binom

    if trials == 0:
        return 1.0
    return float(min(1.0, 2.0 * min(binom.cdf(hits, trials, chance), binom.sf(hits - 1, trials, chance))))


def largest_difference(counts: Array, others: Array) -> float:
    """Largest difference between the distribution functions of two histograms over the same bins, (bin,) each."""
    one, other = (np.cumsum(part) / max(part.sum(), 1) for part in (counts, others))
    return float(np.abs(one - other).max())
