"""A scheduler and workers that somebody else started, one of them in another network."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from processes import elsewhere, scheduler, worker
from work import name_of_worker, sleep

from sgnn.corpus.cluster import open_cluster
from sgnn.corpus.plan import plan_blocks
from sgnn.errors import ServiceError
from sgnn.settings import Settings, load_settings

Content = Callable[[Settings], str | None]


def test_a_corpus_made_by_threads_and_in_another_network_is_the_same(
    content: Content, alone: str | None, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        here, there, inside = stack.enter_context(elsewhere())
        address, _ = stack.enter_context(scheduler(tmp_path, here))
        stack.enter_context(worker(address, "--host", here, "--name", "threads", threads=3))
        stack.enter_context(worker(address, "--host", there, "--name", "elsewhere", inside=inside))
        settings = load_settings(home=tmp_path / "home", dask_scheduler=address)
        with open_cluster(settings) as cluster:
            cluster.client.wait_for_workers(2, timeout=60)
            workers = cluster.client.scheduler_info()["workers"]
            assert {address.split("/")[2].split(":")[0] for address in workers} == {here, there}
        assert content(settings) == alone


def test_work_goes_to_the_workers_that_have_what_it_needs(tmp_path: Path) -> None:
    with ExitStack() as stack:
        address, _ = stack.enter_context(scheduler(tmp_path, "127.0.0.1"))
        stack.enter_context(worker(address, "--name", "plain"))
        stack.enter_context(worker(address, "--name", "device", "--resources", "GPU=1"))
        cluster = stack.enter_context(open_cluster(load_settings(home=tmp_path / "home", dask_scheduler=address)))
        cluster.client.wait_for_workers(2, timeout=60)
        results = cluster.run_blocks(name_of_worker, plan_blocks(60, 10), key="test", resources={"GPU": 1})
        assert {name for _, name in results} == {"device"}


def test_a_scheduler_without_workers_is_told_after_a_patience(tmp_path: Path) -> None:
    with scheduler(tmp_path, "127.0.0.1") as (address, _):
        settings = load_settings(home=tmp_path / "home", dask_scheduler=address, worker_patience=0.5)
        with pytest.raises(ServiceError, match=f"no Dask cluster with workers at {address}"), open_cluster(settings):
            pass


def test_workers_that_leave_for_good_are_told_after_a_patience(tmp_path: Path) -> None:
    with ExitStack() as stack:
        address, _ = stack.enter_context(scheduler(tmp_path, "127.0.0.1"))
        only = stack.enter_context(worker(address))
        opened = stack.enter_context(open_cluster(load_settings(home=tmp_path / "home", dask_scheduler=address)))
        cluster = replace(opened, patience=1.0)
        threading.Timer(0.5, os.killpg, (only.pid, signal.SIGKILL)).start()
        with pytest.raises(ServiceError, match="no worker was there for 1 s"):
            list(cluster.run_blocks(partial(sleep, 0.2), plan_blocks(1000, 10), key="test"))


def test_a_scheduler_that_does_not_answer_is_told_with_its_address(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, dask_scheduler="tcp://127.0.0.1:1", worker_patience=1)
    with (
        pytest.raises(ServiceError, match=r"no Dask cluster with workers at tcp://127.0.0.1:1"),
        open_cluster(settings),
    ):
        pass
