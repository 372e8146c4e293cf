"""Equal things among any number of draws, in fixed memory: a sample of hashes that keeps both of a pair or neither."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from sgnn.corpus.audit.contract import Array


def hashes_of(arrays: Sequence[Array]) -> Array:
    """128-bit hashes (draw, 2) over the bytes of each draw's rows (draw, …) of all arrays."""
    rows = [np.ascontiguousarray(one).reshape(len(one), -1).view(np.uint8) for one in arrays]
    found = np.empty((len(rows[0]), 2), dtype=np.uint64)
    for at in range(len(found)):
        digest = hashlib.blake2b(digest_size=16)
        for one in rows:
            digest.update(one[at].data)
        found[at] = np.frombuffer(digest.digest(), dtype=np.uint64)
    return found


class Twins:
    """Draws with equal hashes. At most ``capacity`` hashes are kept, those whose leading bits are zero.

    Which are kept depends on the hash alone, so a pair of equals is kept whole or not at all, and `share` of all pairs
    is seen.
    """

    def __init__(self, capacity: int = 1 << 22) -> None:
        self._capacity = capacity
        self._bits = 0
        self._hashes: list[Array] = []
        self._draws: list[Array] = []
        self._kept = 0

    @property
    def share(self) -> float:
        """Share of all hashes that is kept."""
        return 0.5**self._bits

    @property
    def kept(self) -> int:
        """Number of hashes kept."""
        return self._kept

    def see(self, hashes: Array, draws: Array) -> None:
        """Take in 128-bit hashes (draw, 2) of draws (draw,)."""
        rows = self._inside(hashes)
        self._hashes.append(hashes[rows])
        self._draws.append(np.asarray(draws, dtype=np.int64)[rows])
        self._kept += int(rows.sum())
        while self._kept > self._capacity:
            self._bits += 1
            whole, numbers = np.concatenate(self._hashes), np.concatenate(self._draws)
            rows = self._inside(whole)
            self._hashes, self._draws, self._kept = [whole[rows]], [numbers[rows]], int(rows.sum())

    def groups(self) -> list[Array]:
        """Draws of each set of equals, ascending."""
        if not self._kept:
            return []
        hashes, draws = np.concatenate(self._hashes), np.concatenate(self._draws)
        order = np.lexsort((draws, hashes[:, 1], hashes[:, 0]))
        hashes, draws = hashes[order], draws[order]
        edges = np.flatnonzero((hashes[1:] != hashes[:-1]).any(axis=1)) + 1
        return [group for group in np.split(draws, edges) if len(group) > 1] if len(edges) + 1 < len(draws) else []

    def _inside(self, hashes: Array) -> Array:
        if not self._bits:
            return np.ones(len(hashes), dtype=bool)
        return np.asarray(hashes[:, 0] >> np.uint64(64 - self._bits) == 0)
