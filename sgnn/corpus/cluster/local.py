"""Worker processes on this machine, with one thread each."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sgnn.corpus.cluster.kind import ADAPTIVE, ClusterKind, Workers, amount
from sgnn.corpus.cluster.process import ONE_THREAD, PRELOAD

if TYPE_CHECKING:
    from sgnn.settings import Settings

LOOPBACK = "127.0.0.1"
RESTARTED = {
    # a process is started again wherever it dies; the cluster would give it up for good when it happens to be on its
    # way up again this long after an earlier death
    "distributed.deploy.lost-worker-timeout": "1d",
}


class Local(ClusterKind):
    """Processes started and ended with the block; nothing listens beyond this machine."""

    cheap = True

    @contextmanager
    def start(self, settings: Settings) -> Iterator[Workers]:
        """All processes are up when the block begins, or the fewest where their number adapts."""
        import dask
        from distributed import Client, LocalCluster

        with (
            dask.config.set(RESTARTED),
            LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=settings.workers if settings.workers_min is None else settings.workers_min,
                threads_per_worker=1,
                memory_limit="auto" if settings.worker_memory is None else int(settings.worker_memory),
                processes=True,
                host=LOOPBACK,
                dashboard_address=f"{LOOPBACK}:0",
                silence_logs=logging.CRITICAL,
                env=ONE_THREAD,
                resources=settings.worker_resources,
                preload=list(PRELOAD),
            ) as local,
            Client(local, set_as_default=False) as client,  # type: ignore[no-untyped-call]
        ):
            if settings.workers_min is not None:
                local.adapt(minimum=settings.workers_min, maximum=settings.workers, **ADAPTIVE)
            yield Workers(client, settings.workers, f"{amount(settings)} local processes")
