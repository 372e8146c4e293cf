"""The cluster: one future a block, workers that may die, and a consumer that may stop."""

from __future__ import annotations

import importlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from sgnn.corpus.cluster import Cluster, open_cluster
from sgnn.corpus.plan import Block, plan_blocks
from sgnn.errors import ServiceError, StoreError
from sgnn.settings import load_settings

BLOCKS = plan_blocks(120, 10)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with open_cluster(load_settings(home=tmp_path_factory.mktemp("home"), workers=2, worker_patience=200)) as opened:
        yield opened


def worker(seconds: float, _: Block) -> tuple[int, str]:
    time.sleep(seconds)
    return os.getpid(), os.environ["OMP_NUM_THREADS"]


def once(folder: Path, fault: str, block: Block) -> int:
    """Fails block 3 the first time it is tried, or each time."""
    first = folder / f"{fault}-{block.index}"
    if block.index == 3 and ("always" in fault or not first.exists()):
        first.touch()
        if "kill" in fault:
            os.kill(os.getpid(), signal.SIGKILL)
        if "disk" in fault:
            raise StoreError("the disk is full", remedy="free some space")
        raise OSError("a passing fault")
    return block.index


def test_every_block_is_made_once_by_single_threaded_processes(cluster: Cluster) -> None:
    results = list(cluster.run_blocks(partial(worker, 0.02), BLOCKS, key="test"))
    assert sorted(block.index for block, _ in results) == list(range(12))
    assert {threads for _, (_, threads) in results} == {"1"}
    assert len({process for _, (process, _) in results} - {os.getpid()}) == 2
    assert cluster.dashboard.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("fault", ["raise", "kill"])
def test_a_block_that_fails_once_is_made_by_a_second_try(cluster: Cluster, tmp_path: Path, fault: str) -> None:
    results = list(cluster.run_blocks(partial(once, tmp_path, fault), BLOCKS, key="test"))
    assert sorted(result for _, result in results) == list(range(12))


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        ("always raise", ServiceError, "block 3 failed 3 times: OSError: a passing fault; .*finished blocks are kept"),
        ("disk", StoreError, "the disk is full; free some space"),
    ],
)
def test_a_block_that_keeps_failing_is_told_in_one_line(
    cluster: Cluster, tmp_path: Path, fault: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        list(cluster.run_blocks(partial(once, tmp_path, fault), BLOCKS, key="test"))


class Elsewhere:
    """A function of a package that is installed here alone."""

    def __call__(self, block: Block) -> int:
        return block.index

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return importlib.import_module, ("package_of_this_machine",)


def test_workers_that_lack_a_package_are_told_to_get_it(cluster: Cluster) -> None:
    with pytest.raises(ServiceError, match=r"No module named 'package_of_this_machine'.*install the same packages"):
        list(cluster.run_blocks(Elsewhere(), BLOCKS, key="test"))


def tick(folder: Path, block: Block) -> None:
    time.sleep(0.05)
    (folder / str(block.index)).touch()


def test_a_consumer_that_stops_stops_the_work(cluster: Cluster, tmp_path: Path) -> None:
    many = plan_blocks(2000, 10)
    results = cluster.run_blocks(partial(tick, tmp_path), many, key="test")
    next(results)
    results.close()
    time.sleep(0.3)
    made = len(list(tmp_path.iterdir()))
    time.sleep(0.5)
    assert len(list(tmp_path.iterdir())) == made < 20


def test_few_blocks_are_submitted_ahead_of_the_consumer(cluster: Cluster, tmp_path: Path) -> None:
    results = cluster.run_blocks(partial(tick, tmp_path), plan_blocks(2000, 10), key="test")
    next(results)
    time.sleep(1.0)
    assert len(list(tmp_path.iterdir())) <= 1 + 3 * cluster.workers
    results.close()


def test_a_simulator_that_needs_what_no_worker_has_is_told_after_a_patience(cluster: Cluster) -> None:
    hasty = replace(cluster, patience=0.5)
    with pytest.raises(ServiceError, match=r"none of \d workers has the resources .*\(GPU=1\).*--resources GPU=1"):
        list(hasty.run_blocks(partial(worker, 0.0), BLOCKS, key="test", resources={"GPU": 1}))
