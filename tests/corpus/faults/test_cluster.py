"""Workers and schedulers that die while a corpus is built: real Dask processes, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sgnn.corpus.block import ensure_block
from sgnn.corpus.build import BuildPlan, commit, prepare
from sgnn.corpus.cluster import Cluster, open_cluster
from sgnn.corpus.ledger import versions
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.status import CorpusStatus
from sgnn.errors import ServiceError
from sgnn.settings import Settings, load_settings

from .conftest import BLOCK, DRAWS

if TYPE_CHECKING:
    from corpus_walks.faulty import Table

    from .conftest import Aftermath

WORKERS = 2


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Table]]:
    """Two workers for all tests, whose simulators look at one table."""
    from corpus_walks.faulty import FAULTS, Table

    folder = tmp_path_factory.mktemp("faults")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FAULTS, str(folder))
        with open_cluster(load_settings(home=folder / "home", workers=WORKERS)) as cluster:
            yield cluster, Table(folder)


@pytest.fixture
def cluster(shared: tuple[Cluster, Table]) -> Cluster:
    """Both workers, alive."""
    shared[0].client.wait_for_workers(WORKERS, timeout=60)
    return shared[0]


@pytest.fixture
def table(shared: tuple[Cluster, Table], monkeypatch: pytest.MonkeyPatch) -> Table:
    """The workers' table, with nothing in it and nothing tried yet."""
    from corpus_walks.faulty import FAULTS

    monkeypatch.setenv(FAULTS, str(shared[1].folder))
    shared[1].write({})
    (shared[1].folder / "tries").unlink(missing_ok=True)
    return shared[1]


def make(cluster: Cluster, plan: BuildPlan, disturb: Callable[[int], None] = lambda _: None) -> None:
    """Make what is missing; `disturb` is told how many blocks are there."""
    work = partial(ensure_block, plan.to_json())
    for number, _ in enumerate(cluster.run_blocks(work, plan.missing, key=plan.key), start=1):
        disturb(number)


# what becomes of each try of a draw, the last for all that follow → blocks done twice
DEATHS: list[tuple[Mapping[int, Sequence[str]], int]] = [
    # the first and the last draw of the corpus, one on each worker
    ({0: ["is killed", ""], 63: ["crashes", ""]}, 2),
    # the second worker that takes the block dies as well
    ({33: ["is killed", "is killed", ""]}, 1),
    ({7: ["is slow", ""], 50: ["is slow", ""]}, 0),
]


@pytest.mark.parametrize(("faults", "twice"), DEATHS, ids=lambda one: str(one))
def test_a_worker_that_dies_in_a_draw_costs_its_block_alone(
    faults: Mapping[int, Sequence[str]],
    twice: int,
    cluster: Cluster,
    table: Table,
    recipe: Recipe,
    settings: Settings,
    aftermath: Aftermath,
) -> None:
    table.write(faults)
    plan = prepare(recipe, settings)
    make(cluster, plan)
    commit(plan)
    aftermath.check(twice=twice)


def test_a_draw_that_kills_every_worker_is_told_and_the_next_build_makes_the_rest(
    cluster: Cluster, table: Table, recipe: Recipe, settings: Settings, aftermath: Aftermath
) -> None:
    table.write({20: ["is killed"]})
    plan = prepare(recipe, settings)
    with pytest.raises(ServiceError, match=r"every worker that made block 1 died.*limits"):
        make(cluster, plan)
    assert versions(plan.store) == ()
    table.write({})
    cluster.client.wait_for_workers(WORKERS, timeout=60)
    plan = prepare(recipe, settings)
    make(cluster, plan)
    commit(plan)
    aftermath.check(twice=1 + WORKERS)


def test_a_worker_that_stops_for_a_while_goes_on_with_its_block(
    cluster: Cluster, table: Table, recipe: Recipe, settings: Settings, aftermath: Aftermath
) -> None:
    table.write({}, seconds=0.02)
    plan = prepare(recipe, settings)
    (victim, *_) = cluster.client.run(os.getpid).values()

    def disturb(number: int) -> None:
        if number == 1:
            os.kill(victim, signal.SIGSTOP)
        if number == 2:
            time.sleep(1.0)
            os.kill(victim, signal.SIGCONT)

    try:
        make(cluster, plan, disturb)
    finally:
        os.kill(victim, signal.SIGCONT)
    commit(plan)
    aftermath.check()


@pytest.mark.long
@pytest.mark.parametrize("mode", ["sys.exit", "segfault"])
def test_builds_among_workers_that_die_at_random_come_to_the_undisturbed_end(
    mode: str, table: Table, recipe: Recipe, settings: Settings, aftermath: Aftermath
) -> None:
    from distributed.chaos import KillWorker

    table.write({}, seconds=0.03)
    impatient = settings.model_copy(update={"worker_patience": 5.0})
    while (plan := prepare(recipe, settings)).missing:
        # a process that crashes is started again, one that exits of itself is not; and a block may meet them all
        with open_cluster(impatient) as fresh, suppress(ServiceError):
            fresh.client.register_plugin(KillWorker(delay="3s", mode=mode))
            make(fresh, plan)
    commit(plan)
    aftermath.check(twice=DRAWS // BLOCK)


@contextmanager
def process(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module`, ended with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def test_a_scheduler_that_is_killed_is_told_and_the_next_build_goes_on(
    table: Table,
    recipe: Recipe,
    settings: Settings,
    aftermath: Aftermath,
    finish: Callable[[], CorpusStatus],
    tmp_path: Path,
) -> None:
    table.write({}, seconds=0.05)
    file = str(tmp_path / "scheduler.json")
    own = ("--no-dashboard", "--scheduler-file", file)
    scheduler = process("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *own)
    worker = process("distributed.cli.dask_worker", "--nthreads", "1", *own)
    plan = prepare(recipe, settings)
    with scheduler as victim, worker:
        deadline = time.monotonic() + 60
        while not os.path.exists(file):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        joined = settings.model_copy(update={"dask_scheduler": scheduler_address(file)})
        with open_cluster(joined) as cluster, pytest.raises(ServiceError, match=r"scheduler is gone; run again"):
            make(cluster, plan, lambda _: victim.kill())
    assert finish().version == 1
    aftermath.check(twice=1)


def scheduler_address(file: str) -> str:
    """The address in a scheduler's file."""
    import json

    return str(json.loads(Path(file).read_text())["address"])
