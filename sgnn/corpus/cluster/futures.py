"""A future a block: submitted a few ahead, tried again, and given up with the reason."""

from __future__ import annotations

import pickle
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sgnn.corpus.plan import Block
from sgnn.errors import ServiceError, SgnnError

Result = TypeVar("Result")

IN_FLIGHT = 3
"""Blocks submitted at once for each worker: enough that none waits, few enough that stopping is quick."""
LOOK_SECONDS = 2.0
"""Without a finished block for so long, it is asked whether there is a worker at all."""
FETCH_SECONDS = 10.0
"""For the result of a finished block, a small record: one that does not come died with its worker."""
RESTARTED = "worker-restart-memory"
"""Topic under which Dask notes a worker that was restarted at its limit of memory."""
FINDABLE = "run again: finished blocks are kept; `sgnn simulators check` may find the fault"
IMPORTABLE = "install the same packages where the workers run, then run again: finished blocks are kept"


@dataclass(frozen=True)
class Cluster:
    """Workers that make blocks."""

    client: Any
    dashboard: str
    """Address of the page that shows what the workers do."""
    workers: int
    """The most there will be; where their number adapts, or jobs queue, fewer at times."""
    told: str = ""
    """How many of what, for people."""
    patience: float = 60.0
    """Seconds to wait for a worker that can make blocks, while there is none."""

    def run_blocks(
        self,
        function: Callable[[Block], Result],
        blocks: Sequence[Block],
        *,
        key: str,
        retries: int = 2,
        resources: Mapping[str, float] | None = None,
    ) -> Iterator[tuple[Block, Result]]:
        """Apply `function` to every block, a future each, and give results as they come, in any order.

        Futures are keyed `key`-block-number, never by the order of calls, and go to workers that have `resources`. A
        worker that dies loses its block to another; a block that fails is tried `retries` times more, unless it fails
        with one of our own errors, which no second try mends. Leaving the iteration, by an error or otherwise, cancels
        what is outstanding. Raises that error, or `ServiceError` for a block that keeps failing, a cluster that is
        lost, or one without a worker that could make the blocks.
        """
        run, numbers = secrets.token_hex(3), count()
        waiting = iter([(block, 0) for block in blocks])
        running: dict[Any, tuple[Block, int]] = {}
        finished: SimpleQueue[Any] = SimpleQueue()

        def submit(block: Block, tried: int) -> None:
            name = f"{key}-{block.index}-{run}-{next(numbers)}"
            work = _packed(function, block)
            future = self.client.submit(pickle.loads, work, key=name, pure=False, resources=resources or None)
            running[future] = (block, tried)
            future.add_done_callback(finished.put)

        def submit_next() -> None:
            for block, tried in waiting:
                submit(block, tried)
                return

        try:
            for _ in range(IN_FLIGHT * self.workers):
                submit_next()
            while running:
                future = self._next(finished, resources or {})
                block, tried = running.pop(future)
                result, error = _outcome(future)
                if isinstance(error, TimeoutError):
                    submit(block, tried)
                elif error is None:
                    submit_next()
                    yield block, result
                elif isinstance(error, SgnnError):
                    raise error
                elif _killed(error):
                    raise self._killer(block, error) from error
                elif tried < retries:
                    submit(block, tried + 1)
                else:
                    raise ServiceError(
                        f"block {block.index} failed {tried + 1} times: {type(error).__name__}: {error}",
                        remedy=IMPORTABLE if isinstance(error, ImportError) else FINDABLE,
                    ) from error
        finally:
            self.client.cancel(list(running), force=True)

    def _next(self, finished: SimpleQueue[Any], resources: Mapping[str, float]) -> Any:
        """The next finished future. Raises `ServiceError` where no worker can make one for longer than patience."""
        able = time.monotonic()
        while True:
            try:
                return finished.get(timeout=min(LOOK_SECONDS, self.patience))
            except Empty:
                offered = self._offered()
                if offered is None or any(_covers(one, resources) for one in offered):
                    able = time.monotonic()
                elif time.monotonic() - able >= self.patience:
                    raise _unable(resources, len(offered), self.patience) from None

    def _offered(self) -> list[Mapping[str, float]] | None:
        """Resources of each worker that is there; None while the scheduler does not answer."""
        try:
            workers = self.client.scheduler_info(n_workers=-1)["workers"]
        except OSError:
            # its loss ends all futures, and is told there
            return None
        return [worker["resources"] for worker in workers.values()]

    def _killer(self, block: Block, error: Any) -> ServiceError:
        """The error that says why each worker that made a block died, as far as the scheduler knows."""
        address = error.last_worker.address
        restarts = [event for _, event in self.client.get_events(RESTARTED) if event["worker"] == address]
        if not restarts:
            return ServiceError(
                f"every worker that made block {block.index} died, the last one at {address}: killed, or its simulator "
                "ended the process",
                remedy="set corpus.limits, or look at the worker's log; finished blocks are kept",
            )
        limit = error.last_worker.memory_limit
        return ServiceError(
            f"every worker that made block {block.index} grew to its limit of memory and was restarted, the last one "
            f"({address}) at {_gib(restarts[-1]['rss'])} of {_gib(limit)}",
            remedy="raise SGNN_WORKER_MEMORY, set corpus.limits, or try fewer draws a block (corpus.block_draws)",
        )


@dataclass(frozen=True)
class _Call:
    """A call that is made where it is unpickled."""

    function: Callable[[Block], Any]
    block: Block

    def __reduce__(self) -> tuple[Callable[[Block], Any], tuple[Block]]:
        return self.function, (self.block,)


def _packed(function: Callable[[Block], Any], block: Block) -> bytes:
    """A call as bytes: what a worker cannot import then fails its task, and not its link to the scheduler."""
    from distributed.protocol import pickle as portable

    packed: bytes = portable.dumps(_Call(function, block))  # type: ignore[no-untyped-call]
    return packed


def _covers(offered: Mapping[str, float], wanted: Mapping[str, float]) -> bool:
    return all(offered.get(name, 0.0) >= number for name, number in wanted.items())


def _unable(wanted: Mapping[str, float], workers: int, patience: float) -> ServiceError:
    if not workers:
        return ServiceError(
            f"no worker was there for {patience:.0f} s",
            remedy="see whether jobs wait in the queue or workers fail to start; SGNN_WORKER_PATIENCE waits longer",
        )
    needs = ", ".join(f"{name}={number:g}" for name, number in wanted.items())
    return ServiceError(
        f"none of {workers} workers has the resources that a simulator of this corpus needs ({needs}), "
        f"not for {patience:.0f} s",
        remedy=f"start workers with `dask worker --resources {needs.replace(', ', ',')}`, or set SGNN_WORKER_RESOURCES",
    )


def _gib(bytes_: int) -> str:
    return f"{bytes_ / 2**30:.2f} GiB"


def _killed(error: Exception) -> bool:
    from distributed import KilledWorker

    return isinstance(error, KilledWorker)


def _outcome(future: Any) -> tuple[Any, Exception | None]:
    """Result of a finished future, or why there is none: `TimeoutError` where it died with the worker that had it."""
    from concurrent.futures import CancelledError

    try:
        return future.result(timeout=FETCH_SECONDS), None
    except CancelledError:
        return None, ServiceError("the Dask scheduler is gone", remedy="run again: finished blocks are kept")
    except Exception as error:
        return None, error
