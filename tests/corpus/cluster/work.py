"""What test workers do in place of making a block; found by its module's name, as a package would be."""

from __future__ import annotations

import time


def sleep(seconds: float, _: object) -> None:
    """Be busy for a while."""
    time.sleep(seconds)


def name_of_worker(_: object) -> str:
    """Name of the worker that makes the block."""
    from distributed import get_worker

    return str(get_worker().name)
