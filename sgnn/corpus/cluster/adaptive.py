"""Workers whose number follows the work: each a process of the command that is given, as many as the scheduler wants.

`python -m sgnn.corpus.cluster.adaptive SCHEDULER FEWEST MOST [CA CERTIFICATE KEY] -- COMMAND...`. Ends with status 1
where the scheduler is gone, and all of its workers with it: who started it starts it again.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dask.utils import parse_timedelta
from distributed.core import rpc
from distributed.deploy.adaptive_core import AdaptiveCore

from sgnn.corpus.cluster.encryption import security
from sgnn.corpus.cluster.kind import ADAPTIVE

PATIENCE = 10.0
"""Seconds in which the scheduler answers; and workers end, when all are ended."""
WAIT_COUNT = 10
"""Looks in a row at which a worker has nothing to do before it is ended: starting one costs seconds."""


@dataclass(frozen=True)
class Wanted:
    """How many workers of what kind, and whose."""

    scheduler: str
    fewest: int
    most: int
    command: Sequence[str]
    """Starts one; its name is added."""
    tls: Sequence[str] = ()
    """Authority, certificate and key, where the scheduler asks for them."""


def parsed(arguments: Sequence[str]) -> Wanted:
    """What a command line asks for. Raises `ValueError` where it asks for nothing that is known."""
    at = list(arguments).index("--")
    scheduler, fewest, most, *tls = arguments[:at]
    return Wanted(scheduler, int(fewest), int(most), tuple(arguments[at + 1 :]), tuple(tls))


@dataclass
class Processes:
    """Worker processes by their names."""

    command: Sequence[str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def look(self) -> None:
        """Forget those that have ended."""
        for name in [name for name, process in self.running.items() if process.poll() is not None]:
            del self.running[name]

    def start(self) -> None:
        """One more, under a name that none had before."""
        name = f"worker-{next(self._numbers)}"
        self.running[name] = subprocess.Popen([*self.command, "--name", name])

    def end(self) -> None:
        """End all, and wait until they have."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


class Adaptation(AdaptiveCore):
    """Dask's rule for how many workers there should be, over processes of this machine."""

    def __init__(self, scheduler: Any, processes: Processes, fewest: int, most: int) -> None:
        super().__init__(minimum=fewest, maximum=most, wait_count=WAIT_COUNT)
        self.scheduler, self.processes = scheduler, processes

    @property
    def plan(self) -> set[Any]:
        """Names of workers that there should be."""
        return set(self.processes.running)

    @property
    def requested(self) -> set[Any]:
        """The same: a process is started at once."""
        return self.plan

    @property
    def observed(self) -> set[Any]:
        """The same: one that is starting has no work yet, and is not chosen to be ended."""
        return self.plan

    async def target(self) -> int:
        """How many the scheduler would have work for."""
        return int(await self.scheduler.adaptive_target(target_duration=parse_timedelta(ADAPTIVE["target_duration"])))

    async def workers_to_close(self, target: int) -> list[Any]:
        """Names of workers that the scheduler can best do without."""
        return list(await self.scheduler.workers_to_close(target=target, attribute="name"))

    async def scale_up(self, n: int) -> None:  # type: ignore[override] # the class has it the other way round
        """Start workers up to that number."""
        while len(self.processes.running) < n:
            self.processes.start()

    async def scale_down(self, workers: Sequence[str]) -> None:  # type: ignore[override]
        """Have the scheduler end workers; what they hold goes to others, and their processes end by themselves."""
        await self.scheduler.retire_workers(names=list(workers), remove=True, close_workers=True)


async def keep(wanted: Wanted, over: asyncio.Event) -> int:
    """Adapt until told to end; the status is 1 where the scheduler was lost."""
    processes = Processes(wanted.command)
    pause = parse_timedelta(ADAPTIVE["interval"])
    connection = security(wanted.tls).get_connection_args("client")  # type: ignore[no-untyped-call]
    scheduler: Any = rpc(wanted.scheduler, timeout=PATIENCE, connection_args=connection)  # type: ignore[no-untyped-call]
    adaptation = Adaptation(scheduler, processes, wanted.fewest, wanted.most)
    try:
        while not over.is_set():
            processes.look()
            await adaptation.adapt()
            try:
                await asyncio.wait_for(over.wait(), pause)
            except TimeoutError:
                continue
    except OSError as error:
        print(f"the scheduler {wanted.scheduler} is gone: {error}", file=sys.stderr)
        return 1
    finally:
        processes.end()
        await scheduler.close_rpc()
    return 0


async def _main(wanted: Wanted) -> int:
    over = asyncio.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(kind, over.set)
    return await keep(wanted, over)


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(parsed(sys.argv[1:]))))
