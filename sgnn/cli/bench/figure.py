"""A performance figure beside its reference, and the clock that both are taken with."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured figure, and the same on the same machine for something known to be hard to beat."""

    name: str
    what: str
    value: float
    unit: str
    reference: str
    reference_value: float

    @property
    def ratio(self) -> float:
        """Figure over reference: machines differ, ratios less so."""
        return self.value / self.reference_value

    def to_json(self) -> dict[str, Any]:
        """All fields, and the ratio."""
        return {**vars(self), "ratio": self.ratio}


def best_seconds(work: Callable[[], object], *, repeats: int = 5) -> float:
    """Shortest of some runs, s: what the machine can do when nothing else disturbs it. One run more warms up first."""
    return best_of(work, repeats=repeats)[0]


def best_of(*works: Callable[[], object], repeats: int = 5) -> list[float]:
    """`best_seconds` of several, run in turn, so that what disturbs the machine meets all of them."""
    best = [math.inf] * len(works)
    for work in works:
        work()
    for _ in range(repeats):
        for position, work in enumerate(works):
            began = time.perf_counter()
            work()
            best[position] = min(best[position], time.perf_counter() - began)
    return best
