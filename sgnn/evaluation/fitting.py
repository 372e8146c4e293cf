"""Fitting of baselines part by part, in processes of their own, each part kept as soon as it is there."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import ServiceError
from sgnn.evaluation.classical import forecast_rows
from sgnn.files import whole

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """Some series of one baseline, and the file that keeps their forecasts."""

    name: str
    values: Array
    origins: tuple[int, ...]
    horizon: int
    levels: Array
    kept: Path

    def fit(self) -> None:
        """Fit, and keep (series, origin, horizon, quantile)."""
        made = forecast_rows(self.name, self.values, self.origins, self.horizon, self.levels)
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        with whole(self.kept) as draft:
            np.save(draft, made, allow_pickle=False)

    def read(self) -> Array:
        """What was kept."""
        return np.asarray(np.load(self.kept, allow_pickle=False))


def fit(parts: Sequence[Part], processes: int) -> None:
    """Fit and keep all parts, several at a time. Raises `ServiceError` where a process is lost."""
    workers = min(processes, len(parts))
    if workers <= 1:
        for part in parts:
            part.fit()
        return
    # the dearest first, so that no process is left with one of them at the end
    queue = sorted(parts, key=lambda part: part.name != "auto_arima")
    try:
        with ProcessPoolExecutor(workers, get_context("spawn"), _end_with_parent, (os.getpid(),)) as pool:
            for _ in pool.map(Part.fit, queue):
                pass
    except BrokenProcessPool as error:
        raise ServiceError(
            "a process that fitted baselines ended before its time, out of memory perhaps",
            remedy="run again: what was fitted is kept",
        ) from error


def _end_with_parent(parent: int) -> None:
    """Let a worker end when the process that wants its results is gone, however it went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
