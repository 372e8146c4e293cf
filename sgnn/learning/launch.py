"""How the processes of a training run are started: here, or by what a cluster offers for it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Launch:
    """Where decoded draws are kept, how many devices train, and the command that starts processes in place of Python.

    Without ``cache`` decoded draws are kept in memory; 0 devices are all GPUs here, or else one process.
    """

    cache: Path | None = None
    devices: int = 0
    launcher: str | None = None

    def command(self, job_file: Path) -> list[str]:
        """The command line that trains a job."""
        python = shlex.split(self.launcher) if self.launcher else [sys.executable]
        return [*python, "-m", "sgnn.learning.process", str(job_file)]


@dataclass(frozen=True)
class Placement:
    """Processes of a training run: so many on each of so many machines; 0 where it is left to what is found there."""

    devices: int
    nodes: int = 1


def placement(environment: Mapping[str, str], devices: int) -> Placement:
    """Where this process was started by ``torchrun`` or by SLURM's ``srun``: what they say; else ``devices`` here."""
    if "TORCHELASTIC_RUN_ID" in environment:
        here, whole = int(environment["LOCAL_WORLD_SIZE"]), int(environment["WORLD_SIZE"])
        return Placement(here, whole // here)
    if int(environment.get("SLURM_STEP_NUM_TASKS", 1)) > 1 and "SLURM_PROCID" in environment:
        whole, nodes = int(environment["SLURM_STEP_NUM_TASKS"]), int(environment.get("SLURM_STEP_NUM_NODES", 1))
        return Placement(whole // nodes, nodes)
    return Placement(devices)


def is_first(environment: Mapping[str, str]) -> bool:
    """Whether this is the process of a run that speaks for all."""
    ranks = [environment[name] for name in ("RANK", "SLURM_PROCID", "LOCAL_RANK") if name in environment]
    return not ranks or int(ranks[0]) == 0
