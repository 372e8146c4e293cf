"""A cluster that is started before anybody needs it: taken once, ended when nobody takes it, never somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from sgnn.corpus.cluster import Cluster, ahead, cluster_ahead, open_cluster
from sgnn.corpus.plan import Block, plan_blocks
from sgnn.errors import ServiceError
from sgnn.settings import Settings, load_settings


def workers() -> list[psutil.Process]:
    """Worker processes of this process."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


def number(block: Block) -> int:
    return block.index


def made(cluster: Cluster) -> list[int]:
    return sorted(result for _, result in cluster.run_blocks(number, plan_blocks(30, 10), key="test"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path, workers=1)


def test_it_is_taken_once_and_ends_with_who_took_it(settings: Settings) -> None:
    with cluster_ahead(settings) as started:
        with open_cluster(settings, started) as cluster:
            assert made(cluster) == [0, 1, 2]
            address = cluster.client.scheduler.address
        assert not workers()
        with open_cluster(settings, started) as another:
            assert another.client.scheduler.address != address
            assert made(another) == [0, 1, 2]


def test_one_that_nobody_takes_ends_with_the_block_or_when_it_is_told_to(settings: Settings) -> None:
    with cluster_ahead(settings):
        pass
    assert not workers()
    with cluster_ahead(settings) as started:
        assert started is not None
        started.end()
        assert not workers()
        assert started.gone


def test_the_block_may_fail_and_no_worker_is_left(settings: Settings) -> None:
    with pytest.raises(ServiceError, match="the server"), cluster_ahead(settings):
        raise ServiceError("the server did not start")
    assert not workers()


@pytest.mark.parametrize("fault", [ServiceError("no place to start in"), KeyboardInterrupt()])
def test_what_starting_raises_arrives_where_it_is_taken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    @contextmanager
    def failing(_: Settings) -> Iterator[Cluster]:
        raise fault
        yield

    with monkeypatch.context() as patch:
        patch.setattr(ahead, "open_cluster", failing)
        with cluster_ahead(settings):
            pass
        with cluster_ahead(settings) as started, pytest.raises(type(fault)), open_cluster(settings, started):
            pass


@pytest.mark.parametrize("other", [{"cluster": "slurm"}, {"cluster": "kubernetes"}, {"dask_scheduler": "tcp://x:1"}])
def test_workers_that_are_somebody_elses_to_give_are_not_asked_for_ahead(tmp_path: Path, other: dict[str, str]) -> None:
    with cluster_ahead(load_settings(home=tmp_path, **other)) as started:
        assert started is None
