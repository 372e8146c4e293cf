"""Dask schedulers and workers as processes of their own, and a network namespace to put a worker into."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 60.0


@contextmanager
def process(module: str, *arguments: str, inside: Sequence[str] = ()) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module arguments` in a process group of its own; ended with the block."""
    command = [*inside, sys.executable, "-m", module, *arguments]
    paths = (str(Path(__file__).parent), os.environ.get("PYTHONPATH", ""))
    started = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, 9)
        started.wait()


@contextmanager
def scheduler(folder: Path, host: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Dask scheduler that listens on `host`; its address and its process."""
    file = folder / "scheduler.json"
    options = ("--host", host, "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    with process("distributed.cli.dask_scheduler", *options) as started:
        until = time.monotonic() + START_SECONDS
        while not (file.exists() and file.read_text()):
            assert started.poll() is None
            assert time.monotonic() < until, "the scheduler did not start"
            time.sleep(0.05)
        yield json.loads(file.read_text())["address"], started


@contextmanager
def worker(
    address: str, *options: str, threads: int = 1, inside: Sequence[str] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """A Dask worker of that scheduler."""
    own = ("--nthreads", str(threads), "--no-dashboard", "--death-timeout", "30")
    with process("distributed.cli.dask_worker", address, *own, *options, inside=inside) as started:
        yield started


@contextmanager
def elsewhere() -> Iterator[tuple[str, str, list[str]]]:
    """A second machine as far as the network tells: our address, its address, and what runs a command there.

    A network namespace with a cable to it, where this user may make one; else another loopback address.
    """
    if os.geteuid() != 0 or shutil.which("ip") is None or not _ip("netns", "add", _name()):
        yield "127.0.0.1", "127.0.0.2", []
        return
    name, pid = _name(), os.getpid()
    subnet = f"10.{200 + pid % 50}.{pid // 50 % 250}"
    try:
        assert _ip("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b")
        assert _ip("link", "set", f"{name}b", "netns", name)
        assert _ip("addr", "add", f"{subnet}.1/30", "dev", f"{name}a")
        assert _ip("link", "set", f"{name}a", "up")
        assert _ip("-n", name, "addr", "add", f"{subnet}.2/30", "dev", f"{name}b")
        assert _ip("-n", name, "link", "set", f"{name}b", "up")
        assert _ip("-n", name, "link", "set", "lo", "up")
        yield f"{subnet}.1", f"{subnet}.2", ["ip", "netns", "exec", name]
    finally:
        _ip("netns", "del", name)
        _ip("link", "del", f"{name}a")


def _name() -> str:
    # names of network interfaces are short
    return f"sg{os.getpid() % 10**7}"


def _ip(*arguments: str) -> bool:
    return subprocess.run(["ip", *arguments], capture_output=True, check=False).returncode == 0
