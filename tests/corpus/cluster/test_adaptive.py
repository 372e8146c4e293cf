"""Processes of workers, started and ended as a scheduler that somebody else runs has work."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client
from processes import process, scheduler

from sgnn.corpus.cluster import open_cluster
from sgnn.corpus.cluster.adaptive import parsed
from sgnn.settings import load_settings

PATIENCE = 60.0


def test_what_is_asked_for_is_read_from_a_command_line() -> None:
    wanted = parsed(["tls://host:1", "1", "3", "ca", "certificate", "key", "--", "dask", "worker", "--", "x"])
    assert (wanted.scheduler, wanted.fewest, wanted.most) == ("tls://host:1", 1, 3)
    assert wanted.tls == ("ca", "certificate", "key")
    assert wanted.command == ("dask", "worker", "--", "x")


def asked(address: str, folder: Path) -> list[str]:
    """One to two workers of a scheduler."""
    worker = [sys.executable, "-m", "dask", "worker", address, "--nthreads", "1", "--no-dashboard"]
    worker += ["--local-directory", str(folder / "dask"), "--death-timeout", "30"]
    return [address, "1", "2", "--", *worker]


def until(reached: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.timeout(240)
def test_workers_come_with_the_work_go_when_it_is_done_and_end_with_their_scheduler(tmp_path: Path) -> None:
    with (
        scheduler(tmp_path, "127.0.0.1") as (address, serving),
        process("sgnn.corpus.cluster.adaptive", *asked(address, tmp_path)) as keeper,
    ):
        with Client(address, timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=PATIENCE)
            futures = client.map(time.sleep, [0.5] * 20, pure=False)
            client.wait_for_workers(2, timeout=PATIENCE)
            assert client.gather(futures) == [None] * 20
            until(lambda: len(client.nthreads()) == 1)
        # as many are submitted for as there may be, so that there is work for those that are not there yet
        settings = load_settings(home=tmp_path / "home", dask_scheduler=address, workers=5, workers_min=1)
        with open_cluster(settings) as cluster:
            assert cluster.workers == 5
        serving.kill()
        assert keeper.wait(PATIENCE) == 1


def test_asked_to_end_it_ends_its_workers_first(tmp_path: Path) -> None:
    with (
        scheduler(tmp_path, "127.0.0.1") as (address, _),
        process("sgnn.corpus.cluster.adaptive", *asked(address, tmp_path)) as keeper,
    ):
        own = psutil.Process(keeper.pid)
        until(own.children)
        started = own.children(recursive=True)
        keeper.terminate()
        assert keeper.wait(PATIENCE) == 0
        assert [one for one in started if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
