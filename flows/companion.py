"""Work done in a process group of its own: it gives one JSON answer, and it ends with its starter however that ends.

Fitting and scoring load large libraries and start processes themselves; killed with their whole group they leave
nothing behind, and the flow's own process stays small and free of their threads.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sgnn.errors
from sgnn.errors import ServiceError, SgnnError
from sgnn.settings import Settings, as_environment


@dataclass(frozen=True)
class Companion:
    """A process at work."""

    process: subprocess.Popen[str] = field(repr=False)
    log: Path

    def answer(self) -> Any:
        """What it answers, once it is done. Raises the `SgnnError` that it ended with, or `ServiceError`."""
        assert self.process.stdout is not None
        try:
            document = json.loads(self.process.stdout.read())
        except ValueError as error:
            raise ServiceError(
                f"a process of the flow ended without an answer (status {self.process.wait()})",
                remedy=f"see {self.log}; run again: what is done is kept",
            ) from error
        if "error" in document:
            raise _error(**document["error"])
        return document["answer"]

    def stop(self) -> None:
        """End it and all that it started; harmless when it has ended."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


@contextmanager
def companion(module: str, question: Mapping[str, Any], settings: Settings, log: Path) -> Iterator[Companion]:
    """A process that runs `python -m module` on a question, for as long as the block runs.

    It finds `settings` in its environment; what libraries print goes into the file `log`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(question)],
            env=os.environ | as_environment(settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            # a group of its own, to be killed as a whole
            start_new_session=True,
        )
    started = Companion(process, log)
    try:
        yield started
    finally:
        started.stop()


def serve(work: Callable[[dict[str, Any]], Any]) -> None:
    """The main function of such a module: do the work on the question, print the answer, end with the starter."""
    threading.Thread(target=_end_with_starter, daemon=True).start()
    answer = os.fdopen(os.dup(1), "w")
    # libraries print as they like
    os.dup2(2, 1)
    try:
        document = {"answer": work(json.loads(sys.argv[1]))}
    except SgnnError as error:
        document = {"error": {"kind": type(error).__name__, "message": error.message, "remedy": error.remedy}}
    with answer:
        json.dump(document, answer, default=str)


def _end_with_starter() -> None:
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)


def _error(kind: str, message: str, remedy: str) -> SgnnError:
    found = getattr(sgnn.errors, kind, SgnnError)
    made: SgnnError = found(message, remedy=remedy)
    return made
