"""The Prefect worker's own process: `python -m flows.worker_process ARGUMENTS`, as `prefect worker start ARGUMENTS`.

Each run that it starts leaves clients of HTTP behind, each with the certificates of all authorities: a third of a MiB
in circles of few objects, which only a full collection finds. Python makes one when a quarter of all objects is new,
here after some hundreds of runs. This process makes one every minute, and stays as small as it was.
"""

from __future__ import annotations

import gc
import sys
import threading

SECONDS = 60.0


def collect_regularly(seconds: float, end: threading.Event) -> None:
    """Collect all garbage every so many seconds until the end is told."""
    while not end.wait(seconds):
        gc.collect()


def main() -> None:
    """Work for the pool that the arguments name until a signal ends it."""
    from prefect.cli import app

    threading.Thread(target=collect_regularly, args=(SECONDS, threading.Event()), daemon=True).start()
    sys.argv = ["prefect", "worker", "start", *sys.argv[1:]]
    app()


if __name__ == "__main__":
    main()
