"""One service of the stack: what it is started with, how it is asked whether it is well, how it is ended."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Service:
    """A process that the supervisor starts, watches, starts again when it dies, and ends."""

    name: str
    command: Sequence[str]
    healthy: Callable[[], bool]
    """Whether it does its work now; may raise `OSError` for no."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beside those of the supervisor."""
    after: Sequence[str] = ()
    """Services that must be well before this one is started."""
    once_healthy: Callable[[], None] | None = None
    """What is set up when it first is well, before others are started."""
    account: str | None = None
    """User of the operating system that it runs as; None for the caller's own."""
    stop_signal: signal.Signals = signal.SIGTERM
    whole_group: bool = True
    """Whether the signal that ends it goes to all of its processes, or to the first alone, which ends the others."""
    address: str = ""
    """Where people find it."""
