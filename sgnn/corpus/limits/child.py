"""What runs in the process that simulates under limits.

It answers batches one after the other. Whatever it is busy with, it ends with the process that started it.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sgnn.corpus.assembly import unlimited_generator_of
from sgnn.corpus.sections import CorpusSection
from sgnn.errors import SgnnError
from sgnn.simulation.generator import DrawGenerator, failure_reason
from sgnn.simulation.streams import Streams


def main(descriptor: int, lifeline: int) -> None:
    """Answer the batches that come over a connection until the other side hangs up."""
    end_with(lifeline)
    requests = Connection(descriptor)
    task = json.loads(requests.recv())
    try:
        section = CorpusSection.model_validate(task["section"])
        generator = unlimited_generator_of(section, task["key"])
    except SgnnError as error:
        requests.send(("error", error))
        return
    if section.limits is not None and section.limits.memory is not None:
        limit_memory(int(section.limits.memory))
    requests.send(("ready", None))
    while True:
        try:
            batch = requests.recv()
        except EOFError:
            return
        requests.send(answer(generator, *batch))


def answer(generator: DrawGenerator, mechanism: int, streams: Streams, theta: Any) -> tuple[str, Any]:
    """What became of a batch, and its outputs, reason or error."""
    try:
        return "made", generator.run(mechanism, streams, theta)
    except SgnnError as error:
        return "error", error
    except MemoryError:
        return "memory", None
    except (Exception, SystemExit) as error:
        return "failed", failure_reason(error)


def end_with(lifeline: int) -> None:
    """Have the kernel end this process and those that it starts once the other end of a pipe is closed.

    A signal does that also where a simulator never gives the interpreter back.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    try:
        gone = os.read(lifeline, 1) == b""
    except BlockingIOError:
        gone = False
    if gone:
        sys.exit(1)


def limit_memory(more: int) -> None:
    """Let this process have so many bytes more than it has now."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    held = int(fields["VmData"].split()[0]) * 1024
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    allowed = held + more if hard == resource.RLIM_INFINITY else min(held + more, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))
