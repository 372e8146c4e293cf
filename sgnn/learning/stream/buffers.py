"""Memory for batches, used again as soon as nobody looks at them any more."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_NOBODY = 2
"""References to an array that nobody uses: that of the list, and that of the call that counts them."""


class Buffers:
    """Arrays that are handed out again when all views of them are gone: fresh memory costs more than filling it.

    Whoever keeps a batch, as an array, a slice or a tensor over it, keeps its memory: a new array is made then.
    """

    def __init__(self) -> None:
        self._arrays: list[NDArray[Any]] = []

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array of any content. Not for several threads at once."""
        free = [at for at in range(len(self._arrays)) if sys.getrefcount(self._arrays[at]) == _NOBODY]
        for at in free:
            if self._arrays[at].shape == shape and self._arrays[at].dtype == dtype:
                return self._arrays[at]
        for at in reversed(free):
            del self._arrays[at]
        self._arrays.append(np.empty(shape, dtype=dtype))
        return self._arrays[-1]
