"""One draw simulated again from the recipe that its corpus keeps, and held against what is stored, byte by byte."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.attribution.drawn import at
from sgnn.corpus.assembly import generator_of
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.reader import Corpus
from sgnn.errors import UnknownNameError


@dataclass(frozen=True)
class Replay:
    """A draw, the digest of its bytes stored and made again, by array; ``changed`` says whether code differs."""

    draw: int
    mechanism: str
    stored: Mapping[str, str]
    again: Mapping[str, str]
    changed: bool

    @property
    def same(self) -> bool:
        """Whether every array has the same bytes."""
        return self.stored == self.again

    @property
    def different(self) -> tuple[str, ...]:
        """Arrays that have not."""
        return tuple(name for name in self.stored if self.stored[name] != self.again.get(name))


def replay(corpus: Corpus, draw: int) -> Replay:
    """Simulate one draw again. Raises `UnknownNameError` for a draw that the version lacks, and as `generator_of`."""
    if not 0 <= draw < corpus.number:
        raise UnknownNameError(
            f"corpus {corpus.name}@{corpus.version} has no draw {draw}", remedy=f"it has 0 to {corpus.number - 1}"
        )
    names = tuple(name for name in corpus.variables if name != "seed")
    stored = at(corpus, [draw], names)
    section = corpus.recipe
    made = generator_of(section, corpus.layout.key).draws(draw, draw + 1)
    own: dict[str, NDArray[Any]] = {
        "theta": made.theta,
        "mechanism": made.mechanism,
        "status": made.status,
        **made.arrays,
    }
    again = {name: np.asarray(own[name], dtype=stored[name].dtype) for name in names}
    return Replay(
        draw=draw,
        mechanism=corpus.schema.mechanisms[int(stored["mechanism"][0])],
        stored={name: _digest(array) for name, array in stored.items()},
        again={name: _digest(array) for name, array in again.items()},
        changed=corpus_key(section) != corpus.layout.key,
    )


def _digest(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:32]
