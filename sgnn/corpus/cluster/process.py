"""What every worker process is given, whoever starts it: one thread, no spilling, a limit of memory, resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
}
CONFIGURATION: Mapping[str, Any] = {
    # a block that ends this many workers is given up
    "distributed.scheduler.allowed-failures": 2,
    # a block that waits on a worker would be suspected when another one ends that worker: let it wait elsewhere
    "distributed.scheduler.worker-saturation": 1.0,
    # results are small records: nothing is worth spilling
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    # a worker that pauses keeps its memory and waits for ever: at its limit it is restarted
    "distributed.worker.memory.pause": False,
    "distributed.comm.timeouts.connect": "20s",
    "distributed.admin.tick.limit": "1h",
}
PRELOAD = ("sgnn.corpus.block", "zarr", "zarrs")
"""Imported before a worker says that it is there: it has what it needs then."""


def environment() -> dict[str, str]:
    """Variables of a process that is started by a command: its threads, and the same configuration of Dask."""
    dask = {
        f"DASK_{key.upper().replace('.', '__').replace('-', '_')}": str(value) for key, value in CONFIGURATION.items()
    }
    return ONE_THREAD | dask


def worker_options(resources: Mapping[str, float]) -> list[str]:
    """Options of the `dask worker` command beyond threads and memory."""
    options = [part for module in PRELOAD for part in ("--preload", module)]
    if resources:
        options += ["--resources", ",".join(f"{name}={number:g}" for name, number in resources.items())]
    return options
