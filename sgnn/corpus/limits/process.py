"""One process that simulates batches and can be ended at any moment: this side of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import weakref
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from sgnn.corpus.sections import CorpusSection
from sgnn.errors import ServiceError, SgnnError
from sgnn.simulation.simulator import Outputs, Theta
from sgnn.simulation.streams import Streams

START_SECONDS = 120.0
"""Time to import a simulator and what it needs, on a busy machine."""


START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from sgnn.corpus.limits.child import main
main(int(sys.argv[2]), int(sys.argv[3]))
"""
"""Finds modules where this process does, those of a notebook or a script among them."""


class Overdue(Exception):
    """No answer came in time."""


class OutOfMemory(Exception):
    """A batch needed more memory than it may have."""


class Ended(Exception):
    """The process ended in the middle of a batch; its text says how."""


class Refused(Exception):
    """The simulator raised; its text is the reason as a record keeps it."""


class LimitedProcess:
    """A process that has loaded a corpus's simulators. It ends with this object, and with the process that holds it.

    Raises `ServiceError` where it does not start, or the error that its simulators raise when they are loaded.
    """

    def __init__(self, section: CorpusSection, key: str) -> None:
        self.used = False
        """Whether it has made a batch, and may hold what that left in its memory."""
        self._requests, theirs = Pipe()
        watched, self._lifeline = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-c", START, json.dumps(sys.path), str(theirs.fileno()), str(watched)],
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(), watched),
            # a group of its own, to be ended with all that a simulator starts
            start_new_session=True,
        )
        theirs.close()
        os.close(watched)
        self._stop = weakref.finalize(self, _end, self._process, self._requests, self._lifeline)
        with suppress(OSError):
            self._requests.send(json.dumps({"section": section.model_dump(mode="json"), "key": key}))
        try:
            self._answer(START_SECONDS)
        except (Overdue, Ended) as error:
            self.stop()
            raise ServiceError(
                f"the process that simulates under corpus.limits does not start: {error or 'no answer'}",
                remedy="see what it printed; without corpus.limits draws are simulated in the worker itself",
            ) from error

    def run(self, mechanism: int, streams: Streams, theta: Theta, seconds: float | None) -> Outputs:
        """Outputs of a batch, waited for no longer than `seconds`. Raises what can become of it; then it is over."""
        try:
            self._requests.send((mechanism, streams, dict(theta)))
        except OSError as error:
            raise Ended(self._how()) from error
        made: Outputs = self._answer(seconds)
        return made

    def stop(self) -> None:
        """End it and all that it started; harmless when it has ended."""
        self._stop()

    def _answer(self, seconds: float | None) -> Any:
        try:
            if not self._requests.poll(seconds):
                raise Overdue
            outcome, content = self._requests.recv()
        except (EOFError, OSError) as error:
            raise Ended(self._how()) from error
        if outcome == "error":
            raise content if isinstance(content, SgnnError) else ServiceError(str(content))
        if outcome == "memory":
            raise OutOfMemory
        if outcome == "failed":
            raise Refused(content)
        return content

    def _how(self) -> str:
        status = self._process.wait()
        return signal.Signals(-status).name if status < 0 else f"exit status {status}"


def _end(process: subprocess.Popen[bytes], requests: Connection, lifeline: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    requests.close()
    os.close(lifeline)
