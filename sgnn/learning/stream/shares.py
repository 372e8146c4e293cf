"""Sharing out whole draws by weight, without a draw too many or too few. Pure, in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


def apportioned(total: int, weights: Sequence[float]) -> tuple[int, ...]:
    """``total`` shared out by weight in whole numbers, by largest remainder; each is less than one off its share."""
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact)
    shares = [total * weight / whole for weight in exact]
    given = [int(share) for share in shares]
    most = sorted(range(len(shares)), key=lambda at: (given[at] - shares[at], at))
    for at in most[: total - sum(given)]:
        given[at] += 1
    return tuple(given)


def taken(position: int, parts: Sequence[int]) -> tuple[int, ...]:
    """How many of the first ``position`` draws of a mixture come from each source, ``parts`` of which make a round.

    They add up to ``position``, none ever falls as it rises, and each stays within a few draws of its share.
    """
    counts, rest, whole = [], position, sum(parts)
    for part in parts:
        mine = rest * part // whole if whole else 0
        counts.append(mine)
        rest, whole = rest - mine, whole - part
    return tuple(counts)


def chosen(ordinals: NDArray[np.int64], wanted: int, among: int, offset: int) -> NDArray[np.bool_]:
    """Which of the draws 0 to ``among`` - 1 are chosen, ``wanted`` of them evenly spaced, from ``offset`` on.

    Over all offsets from 0 to ``among`` - 1 each draw is chosen equally often: ``wanted`` times. This is systematic
    sampling (Madow & Madow 1944, doi:10.1214/aoms/1177731209).
    """
    return chosen_before(ordinals + 1, wanted, among, offset) > chosen_before(ordinals, wanted, among, offset)


def chosen_before(ordinals: NDArray[np.int64], wanted: int, among: int, offset: int) -> NDArray[np.int64]:
    """How many draws of an ordinal below each of these are chosen."""
    return np.asarray((ordinals * wanted + offset) // among)
