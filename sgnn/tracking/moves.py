"""Moves of a model's champion, numbered one after the other: who takes a number first moves it, on whatever host.

MLflow sets an alias whatever it was before. So each move is claimed beforehand, as an object that only one writer can
make, in the store that all hosts share.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from sgnn.corpus.store import CorpusStore, open_store
from sgnn.errors import RegistryError
from sgnn.tracking.registry import Version

FOLDER = "registry-moves"
SETTLING = 2.0
"""Seconds for which a claimed move that cannot be seen yet is waited for; its process may have died in between."""
_LOOK_EVERY = 0.1


@dataclass(frozen=True)
class Moves:
    """The moves of one model's champion."""

    store: CorpusStore

    def last(self) -> int:
        """Number of the latest move; 0 where there was none."""
        return max((int(name) for name in self.store.names("") if name.isdecimal()), default=0)

    def target(self, number: int) -> int | None:
        """The version that a move made champion; None for a move that nobody has made."""
        found = self.store.get(f"{number:06d}")
        return None if found is None else int(json.loads(found)["to"])

    def settled(self, champion: Callable[[], Version | None]) -> tuple[int, Version | None]:
        """Number of the latest move, and the champion when its alias has followed it, or was waited for long enough."""
        until = time.monotonic() + SETTLING
        while True:
            last, now = self.last(), champion()
            number = None if now is None else now.number
            if last == 0 or number == self.target(last) or time.monotonic() > until:
                return last, now
            time.sleep(_LOOK_EVERY)

    def claim(self, after: int, to: int, who: str) -> bool:
        """Take the number after ``after`` for a move to a version; False where another was first."""
        document = {"to": to, "who": who}
        return self.store.create_exclusive(f"{after + 1:06d}", json.dumps(document).encode())

    def who(self, number: int) -> str:
        """Who claimed a move."""
        found = self.store.get(f"{number:06d}")
        return "somebody" if found is None else str(json.loads(found)["who"])


def moves_of(store_url: str, name: str) -> Moves:
    """The moves of a model's champion in the store that a team shares."""
    return Moves(open_store(f"{store_url.rstrip('/')}/{FOLDER}/{name}"))


def overtaken(moves: Moves, name: str) -> RegistryError:
    """What one is told whose move another one forestalled."""
    return RegistryError(
        f"{moves.who(moves.last())} has moved the champion of {name} meanwhile",
        remedy=f"look at it with `sgnn models show {name}`, then decide again",
    )
