"""The phase of an outbreak in which it still grows freely, which classical estimators assume."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WINDOW = 7


def growing_phase(counts: NDArray[np.float64]) -> slice:
    """Days from the first case to the highest weekly mean; all of them where that gives fewer than a week."""
    filled = np.nan_to_num(np.asarray(counts, dtype=np.float64))
    if not filled.any():
        return slice(0, 0)
    first = int(np.flatnonzero(filled)[0])
    smooth = np.convolve(filled, np.ones(_WINDOW) / _WINDOW, mode="same")
    last = int(np.argmax(smooth)) + 1
    return slice(first, last if last - first >= _WINDOW else len(filled))
