"""Memory and processor time of a build's processes, looked at while they run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

import psutil

LOOK_SECONDS = 0.2
WORKER, SERVER = "spawn_main", "flows.server_process"
"""In the command lines of worker processes, and of the Prefect server."""


@dataclass
class Usage:
    """What the flow's process, the largest of its workers and its Prefect server took so far."""

    pid: int
    flow_bytes: int = 0
    """Most resident memory of the flow's process."""
    worker_bytes: int = 0
    """Most resident memory of any worker."""
    _seconds: dict[int, float] = field(default_factory=dict)
    _commands: dict[int, str] = field(default_factory=dict)

    @property
    def driving_seconds(self) -> float:
        """Processor time of the flow and of its Prefect server, s: what the cores had not left for workers."""
        return sum(self._seconds.values())

    def look(self) -> None:
        """Look once at every process; one that has just ended keeps what was seen of it."""
        with suppress(psutil.Error):
            flow = psutil.Process(self.pid)
            self.flow_bytes = max(self.flow_bytes, self._driving(flow))
            for child in flow.children(recursive=True):
                with suppress(psutil.Error):
                    self._look_at(child)

    def _look_at(self, child: psutil.Process) -> None:
        command = self._commands.get(child.pid) or " ".join(child.cmdline())
        self._commands[child.pid] = command
        if WORKER in command:
            self.worker_bytes = max(self.worker_bytes, child.memory_info().rss)
        elif SERVER in command:
            self._driving(child)

    def _driving(self, process: psutil.Process) -> int:
        """Resident memory of a process whose processor time counts as driving."""
        with process.oneshot():
            times = process.cpu_times()
            self._seconds[process.pid] = times.user + times.system
            return int(process.memory_info().rss)
