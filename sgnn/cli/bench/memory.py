"""Memory of services over time: what each takes with all of its processes, and whether that grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

MIB = 2**20
FLOWS = ("prefect.engine", "prefect.flow_engine", "prefect.runner.")
"""How modules begin that processes run which work at one flow and end: these are no part of the service itself."""


@dataclass(frozen=True)
class Growth:
    """How fast something grows: per step, with a 95 % interval, and where it is in the end."""

    slope: float
    low: float
    high: float
    last: float


def service_bytes(pid: int) -> int:
    """Memory of a process's own and of all that it started, shared pages counted once; 0 for one that is gone."""
    total = 0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            # one that ends meanwhile has none
            with suppress(psutil.Error):
                if not any(argument.startswith(FLOWS) for argument in one.cmdline()):
                    total += _bytes_of(one)
    return total


def growth(steps: Sequence[float], values: Sequence[float]) -> Growth:
    """Slope by the median over all pairs, which single peaks do not bend (Theil 1950, Sen 1968), and the last value."""
    from scipy.stats import theilslopes

    found = theilslopes(values, steps, alpha=0.95)
    return Growth(float(found.slope), float(found.low_slope), float(found.high_slope), float(np.median(values[-5:])))


def sampled(services: Mapping[str, Mapping[str, object]]) -> dict[str, float]:
    """Memory of each service of the stack now, MiB."""
    return {name: service_bytes(int(str(one["pid"]))) / MIB for name, one in services.items()}


def _bytes_of(process: psutil.Process) -> int:
    """Memory of its own, without files that it maps: what is counted of those depends on who else has them open."""
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))
    except OSError:
        # not every system tells them apart, nor to everybody
        return int(process.memory_info().rss)
