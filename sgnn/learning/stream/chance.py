"""Chance in a stream: a generator for each purpose and place, so that any part of the order is known by itself."""

from __future__ import annotations

from typing import Literal

import numpy as np

_PURPOSES = {"blocks": 1, "draws": 2, "sources": 3, "batch": 4, "held_out": 5}
Purpose = Literal["blocks", "draws", "sources", "batch", "held_out"]


def chance(seed: int, purpose: Purpose, *place: int) -> np.random.Generator:
    """The generator of one purpose at one place (up to three numbers): always the same, apart from all others."""
    first, second, third = (*place, 0, 0, 0)[:3]
    key = np.array([seed, third], dtype=np.uint64)
    # the lowest word counts the numbers drawn
    counter = np.array([0, first, second, _PURPOSES[purpose]], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))
