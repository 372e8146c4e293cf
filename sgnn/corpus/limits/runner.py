"""Draws under limits: run elsewhere, given up when they take too much, told apart until the ones at fault are found."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from sgnn.corpus.limits.pace import Pace
from sgnn.corpus.limits.process import Ended, LimitedProcess, OutOfMemory, Overdue, Refused
from sgnn.corpus.sections import CorpusSection, Limits
from sgnn.simulation.runner import DrawFailure, Runner
from sgnn.simulation.simulator import Outputs, Theta
from sgnn.simulation.streams import Streams

FIRST_SECONDS = 60.0
"""What the first batch of a mechanism may take beyond its limit: compiling counts against no draw."""

BEYOND = (Overdue, OutOfMemory, Ended)


@dataclass(frozen=True)
class Known:
    """A draw that was made once, to warm a new process with."""

    streams: Streams
    theta: Theta


class _Own(threading.local):
    """What a thread has for itself: a connection answers one batch at a time."""

    process: LimitedProcess | None = None
    warm: frozenset[int] = frozenset()


class LimitedRunner(Runner):
    """Runs mechanisms in a process of its own for each thread, ended and replaced whenever a batch goes too far."""

    def __init__(self, section: CorpusSection, key: str, limits: Limits) -> None:
        self._section, self._key, self._limits = section, key, limits
        self._paces: dict[int, Pace] = {}
        self._known: dict[int, Known] = {}
        self._own = _Own()

    def portion(self, mechanism: int, draws: int) -> int:
        """As many draws as are expected back well within the limit, few at first."""
        return min(self._pace(mechanism).most, draws)

    def run(self, mechanism: int, streams: Streams, theta: Theta) -> Outputs:
        """Outputs of a batch. Raises `DrawFailure` where it goes beyond a limit, or where the simulator raises."""
        process = self._warm_process(mechanism)
        fresh, process.used = not process.used, True
        try:
            return self._timed(process, mechanism, streams, theta)
        except Refused as error:
            raise DrawFailure(str(error)) from error
        except BEYOND as error:
            self._end_process()
            self._paces[mechanism] = self._pace(mechanism).exceeded(len(streams))
            if len(streams) == 1 and not fresh and not isinstance(error, Overdue):
                # what went before may have eaten the memory: a single draw is judged in a new process
                return self.run(mechanism, streams, theta)
            raise DrawFailure(self._reason(error)) from error
        except BaseException:
            # what it answers to this batch must not be taken for the answer to another
            self._end_process()
            raise

    def _timed(self, process: LimitedProcess, mechanism: int, streams: Streams, theta: Theta) -> Outputs:
        limit, pace, known = self._limits.draw_seconds, self._pace(mechanism), mechanism in self._known
        patience = pace.patience(len(streams), limit)
        if patience is not None and not known:
            patience += FIRST_SECONDS
        began = time.monotonic()
        made = process.run(mechanism, streams, theta, patience)
        if known:
            self._paces[mechanism] = pace.made(len(streams), time.monotonic() - began, limit)
        else:
            first = {name: values[:1] for name, values in theta.items()}
            self._known[mechanism] = Known(streams.take(slice(0, 1)), first)
            self._own.warm |= {mechanism}
        return made

    def _warm_process(self, mechanism: int) -> LimitedProcess:
        """This thread's process, which has run the mechanism before if any process ever has."""
        own, known = self._own, self._known.get(mechanism)
        process = own.process or self._new_process()
        if known is None or mechanism in own.warm:
            return process
        try:
            process.run(mechanism, known.streams, known.theta, FIRST_SECONDS)
            own.warm |= {mechanism}
        except (*BEYOND, Refused):
            # it was made once and is not now: the next batch has the time of a first one
            self._known.pop(mechanism, None)
            self._end_process()
            process = self._new_process()
        return process

    def _new_process(self) -> LimitedProcess:
        self._own.process, self._own.warm = LimitedProcess(self._section, self._key), frozenset()
        return self._own.process

    def _end_process(self) -> None:
        if self._own.process is not None:
            self._own.process.stop()
        self._own.process = None

    def _pace(self, mechanism: int) -> Pace:
        return self._paces.get(mechanism, Pace())

    def _reason(self, error: Exception) -> str:
        if isinstance(error, Overdue):
            return f"took longer than {self._limits.draw_seconds:g} s (corpus.limits.draw_seconds)"
        if isinstance(error, OutOfMemory):
            return f"needed more than {(self._limits.memory or 0) / 2**20:,.0f} MiB (corpus.limits.memory)"
        return f"ended the process that simulated it: {error}"
