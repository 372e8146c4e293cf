"""Processes that outlive whoever started them: known by number and start, so that no other one is taken for them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from sgnn.files import write_whole


@dataclass(frozen=True)
class Identity:
    """A process: numbers are given again, a number and a start are not."""

    pid: int
    started: float

    @property
    def alive(self) -> bool:
        """Whether it is there still; one that has ended and was not waited for counts as gone."""
        try:
            process = psutil.Process(self.pid)
            return bool(process.create_time() == self.started and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    def signal(self, kind: signal.Signals, *, group: bool) -> None:
        """Send a signal to it, or to all of its group; harmless when it is gone."""
        with suppress(ProcessLookupError):
            if self.alive:
                (os.killpg if group else os.kill)(self.pid, kind)


def start(
    command: Sequence[str], environment: Mapping[str, str], log: Path, account: str | None
) -> subprocess.Popen[bytes]:
    """A process in a group of its own, with this environment alone, whose words go to the end of a file."""
    owner: dict[str, Any] = {} if account is None else {"user": account, "group": account, "extra_groups": []}
    with log.open("ab") as output:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # not everybody may enter the folder that the command was given in
            cwd=None if account is None else "/",
            **owner,
        )
    return process


def identity_of(pid: int) -> Identity | None:
    """Identity of a running process, or None where it has ended."""
    try:
        return Identity(pid, psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def remember(identity: Identity, file: Path) -> None:
    """Write a process down in its file."""
    write_whole(file, json.dumps({"pid": identity.pid, "started": identity.started}))


def remembered(file: Path) -> Identity | None:
    """The process of a file, while it lives."""
    try:
        found = Identity(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.alive else None


def ended_within(identities: Sequence[Identity], seconds: float) -> bool:
    """Whether all of them end in time."""
    deadline = time.monotonic() + seconds
    while any(one.alive for one in identities):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
