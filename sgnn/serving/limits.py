"""How often somebody may ask: a bucket of tokens that fills at a steady rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Rates:
    """A bucket for each name; safe to share between threads."""

    rate: float
    """Requests a second in the long run."""
    burst: float
    """Requests at once, after a rest."""
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str) -> float:
        """Take a token: 0 where there was one, else the seconds until there is."""
        with self._guard:
            now = self.clock()
            left, seen = self._buckets.get(name, (self.burst, now))
            left = min(self.burst, left + (now - seen) * self.rate)
            if left < 1.0:
                self._buckets[name] = (left, now)
                return (1.0 - left) / self.rate
            self._buckets[name] = (left - 1.0, now)
            return 0.0
