"""Worker processes on this machine: one that grows too large, as many as there is work, what they have."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import pytest

from sgnn.corpus.cluster import open_cluster
from sgnn.corpus.plan import Block, plan_blocks
from sgnn.errors import ServiceError
from sgnn.settings import load_settings


def grow(size: int, block: Block) -> int:
    kept = bytearray(os.urandom(2**20)) * size if block.index == 1 else bytearray()
    time.sleep(2.0 if kept else 0.0)
    return block.index


@pytest.mark.long
def test_a_worker_that_grows_past_its_memory_is_restarted_and_the_error_names_the_limit(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, workers=1, worker_memory="512MiB")
    with (
        open_cluster(settings) as cluster,
        pytest.raises(ServiceError, match=r"block 1 grew to its limit of memory .* of 0.50 GiB; raise SGNN_WORKER_MEM"),
    ):
        list(cluster.run_blocks(partial(grow, 600), plan_blocks(20, 10), key="test"))


def where(seconds: float, _: Block) -> int:
    time.sleep(seconds)
    return os.getpid()


def test_adaptive_workers_come_with_the_work_and_go_when_it_is_done(tmp_path: Path) -> None:
    with open_cluster(load_settings(home=tmp_path, workers=2, workers_min=0)) as cluster:
        assert cluster.client.nthreads() == {}
        results = list(cluster.run_blocks(partial(where, 0.7), plan_blocks(120, 10), key="test"))
        assert len({process for _, process in results}) == 2
        until = time.monotonic() + 30
        while cluster.client.nthreads():
            assert time.monotonic() < until, "workers without work stayed"
            time.sleep(0.1)


def test_workers_have_the_resources_of_the_settings(tmp_path: Path) -> None:
    with open_cluster(load_settings(home=tmp_path, workers=1, worker_resources={"GPU": 1})) as cluster:
        results = cluster.run_blocks(partial(where, 0.0), plan_blocks(20, 10), key="test", resources={"GPU": 1})
        assert len(list(results)) == 2
