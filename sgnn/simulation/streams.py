"""Independent random streams: one per corpus, draw and purpose, with no state between them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def _hash(*parts: str) -> int:
    return int.from_bytes(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest(), "little")


@dataclass(frozen=True)
class Streams:
    """Random streams of a batch of draws.

    ``corpus_key`` is the corpus's digest without its number of draws, ``draws`` (batch,) the draw indices, ``scope`` a
    prefix of every purpose. A stream depends on these and its purpose alone: never on the batch, worker or order.
    """

    corpus_key: str
    draws: NDArray[np.int64]
    scope: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "draws", np.asarray(self.draws, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.draws)

    def key(self, purpose: str) -> np.uint64:
        """Key of the purpose's streams, for kernels: ``open_stream(key, draw)``."""
        return np.uint64(_hash(self.corpus_key, self.scope, purpose) & 0xFFFFFFFFFFFFFFFF)

    def generator(self, position: int, purpose: str) -> np.random.Generator:
        """NumPy generator of one draw of the batch, for simulators in plain Python."""
        key = _hash(self.corpus_key, self.scope, purpose, "numpy")
        # in the highest word, out of reach of `jumped`
        counter = np.array([0, 0, 0, self.draws[position]], dtype=np.uint64)
        words = np.array([key & 0xFFFFFFFFFFFFFFFF, key >> 64], dtype=np.uint64)
        return np.random.Generator(np.random.Philox(counter=counter, key=words))

    def take(self, positions: NDArray[np.intp] | slice) -> Streams:
        """Streams of some of the batch's draws."""
        return Streams(self.corpus_key, self.draws[positions], self.scope)

    def scoped(self, name: str) -> Streams:
        """The same draws with purposes of their own, apart from all other scopes."""
        return Streams(self.corpus_key, self.draws, f"{self.scope}/{name}" if self.scope else name)

    def seeds(self) -> NDArray[np.uint64]:
        """Identity (batch,) of each draw's streams: a bijection of the draw index, so never twice."""
        mixed = self.draws.astype(np.uint64) + self.key("seed")
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
        return mixed ^ (mixed >> np.uint64(31))
