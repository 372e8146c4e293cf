"""Which draws teach and which are kept from training: decided by the index of a draw alone."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

HELD_OUT_EVERY = 20
Part = Literal["train", "held_out"]


def is_held_out(draws: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which draws are kept from training: every twentieth, the same in every version of a growing corpus."""
    return np.asarray(draws % HELD_OUT_EVERY == HELD_OUT_EVERY - 1)


def judges(draws: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the draws kept from training may judge or mend what was learnt: every second; the others test it."""
    return np.asarray(is_held_out(draws) & (draws // HELD_OUT_EVERY % 2 == 0))
