"""The one module that knows Dask: a cluster of single-threaded worker processes, and one future a block."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sgnn.corpus.plan import Block
from sgnn.errors import ServiceError, SgnnError

if TYPE_CHECKING:
    from sgnn.settings import Settings

Result = TypeVar("Result")

CONNECT_SECONDS = 10
LOOPBACK = "127.0.0.1"
IN_FLIGHT = 3
"""Blocks submitted at once for each worker: enough that none waits, few enough that stopping is quick."""

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
}
CONFIGURATION = {
    # a block that ends this many workers is given up
    "distributed.scheduler.allowed-failures": 2,
    # a block that waits on a worker would be suspected when another one ends that worker: let it wait elsewhere
    "distributed.scheduler.worker-saturation": 1.0,
    # results are small records: nothing is worth spilling
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.comm.timeouts.connect": "20s",
    "distributed.admin.tick.limit": "1h",
}


@dataclass(frozen=True)
class Cluster:
    """Workers that make blocks."""

    client: Any
    dashboard: str
    """Address of the page that shows what the workers do."""
    workers: int

    def run_blocks(
        self, function: Callable[[Block], Result], blocks: Sequence[Block], *, key: str, retries: int = 2
    ) -> Iterator[tuple[Block, Result]]:
        """Apply `function` to every block, a future each, and give results as they come, in any order.

        Futures are keyed `key`-block-try, never by the order of calls. A worker that dies loses its block to another; a
        block that fails is tried `retries` times more, unless it fails with one of our own errors, which no second try
        mends. Leaving the iteration, by an error or otherwise, cancels what is outstanding. Raises that error, or
        `ServiceError` for a block that keeps failing or a cluster that is lost.
        """
        from distributed import KilledWorker, as_completed

        run = secrets.token_hex(3)
        waiting = iter([(block, 0) for block in blocks])
        running: dict[Any, tuple[Block, int]] = {}
        finished = as_completed(loop=self.client.loop)  # type: ignore[no-untyped-call]

        def submit(block: Block, tried: int) -> None:
            name = f"{key}-{block.index}-{run}-{tried}"
            future = self.client.submit(function, block, key=name, pure=False)
            running[future] = (block, tried)
            finished.add(future)  # type: ignore[no-untyped-call]

        def submit_next() -> None:
            for block, tried in waiting:
                submit(block, tried)
                return

        try:
            for _ in range(IN_FLIGHT * self.workers):
                submit_next()
            while running:
                future = next(finished)
                block, tried = running.pop(future)
                result, error = _outcome(future)
                if error is None:
                    submit_next()
                    yield block, result
                elif isinstance(error, SgnnError):
                    raise error
                elif isinstance(error, KilledWorker):
                    raise ServiceError(
                        f"every worker that made block {block.index} died: killed, or out of memory",
                        remedy="set corpus.limits, or fewer draws a block (corpus.block_draws)",
                    ) from error
                elif tried < retries:
                    submit(block, tried + 1)
                else:
                    raise ServiceError(
                        f"block {block.index} failed {tried + 1} times: {type(error).__name__}: {error}",
                        remedy="run again: finished blocks are kept; `sgnn simulators check` may find the fault",
                    ) from error
        finally:
            self.client.cancel(list(running), force=True)


@contextmanager
def open_cluster(settings: Settings) -> Iterator[Cluster]:
    """A cluster for as long as the block runs: the configured scheduler, or local processes with one thread each.

    Raises `ServiceError` where the scheduler does not answer, or workers of the configured kind cannot be started here.
    """
    import dask
    import distributed  # noqa: F401  # its defaults must be there first: leaving the block would take them along

    with dask.config.set(CONFIGURATION):
        if settings.dask_scheduler:
            with _connected(settings.dask_scheduler) as cluster:
                yield cluster
        elif settings.cluster in ("local", "processes"):
            with _local(settings.workers) as cluster:
                yield cluster
        else:
            raise ServiceError(
                f"cluster '{settings.cluster}' is not started by sgnn itself",
                remedy="start its Dask scheduler and set SGNN_DASK_SCHEDULER to the address",
            )


@contextmanager
def _local(workers: int) -> Iterator[Cluster]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host=LOOPBACK,
            dashboard_address=f"{LOOPBACK}:0",
            silence_logs=logging.CRITICAL,
            env=ONE_THREAD,
            # a worker that is up has imported what it needs
            preload=["sgnn.corpus.block", "zarr", "zarrs"],
        ) as local,
        Client(local, set_as_default=False) as client,  # type: ignore[no-untyped-call]
    ):
        yield Cluster(client, client.dashboard_link, workers)


@contextmanager
def _connected(address: str) -> Iterator[Cluster]:
    from distributed import Client

    with ExitStack() as stack:
        try:
            client = Client(address, set_as_default=False, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
            stack.enter_context(client)
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except (OSError, TimeoutError, ValueError) as error:
            raise ServiceError(
                f"no Dask cluster with workers at {address}: {error}",
                remedy="start it, or unset SGNN_DASK_SCHEDULER to use local processes",
            ) from error
        yield Cluster(client, client.dashboard_link, sum(client.nthreads().values()))  # type: ignore[no-untyped-call]


def _outcome(future: Any) -> tuple[Any, Exception | None]:
    """Result of a finished future, or why there is none; a result that died with its worker is made again."""
    from concurrent.futures import CancelledError

    try:
        return future.result(), None
    except CancelledError:
        return None, ServiceError("the Dask scheduler is gone", remedy="run again: finished blocks are kept")
    except Exception as error:
        return None, error
