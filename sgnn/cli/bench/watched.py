"""A corpus built in a process of its own, with its memory and processor time watched."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sgnn.settings import Settings


@dataclass(frozen=True)
class Watched:
    """What a build took. `seconds` and `commit_seconds` are of the build alone, `wall` of its whole process."""

    draws: int
    """Simulated: whole blocks."""
    seconds: float
    block_seconds: float
    commit_seconds: float
    workers: int
    wall: float
    driving_seconds: float
    flow_bytes: int
    worker_bytes: int

    @property
    def beside_blocks(self) -> float:
        """Wall time that no worker's block accounts for, s: start, hand-over, waiting, commit, end."""
        return self.wall - self.block_seconds / self.workers


def watched_build(recipe: str, draws: int, settings: Settings, log: Path) -> Watched:
    """Build the corpus of a recipe and watch it; what the flow says goes into the file `log`.

    Raises what the build raises.
    """
    from flows.companion import companion
    from sgnn.cli.bench.usage import LOOK_SECONDS, Usage

    began = time.monotonic()
    question = {"recipe": recipe, "draws": draws}
    with companion("sgnn.cli.bench.build_process", question, settings, log) as started:
        usage = Usage(started.process.pid)
        while started.process.poll() is None:
            usage.look()
            time.sleep(LOOK_SECONDS)
        wall = time.monotonic() - began
        answer = started.answer()
    return Watched(
        draws=answer["simulated"],
        seconds=answer["seconds"],
        block_seconds=answer["block_seconds"],
        commit_seconds=answer["commit_seconds"],
        workers=answer["workers"],
        wall=wall,
        driving_seconds=usage.driving_seconds,
        flow_bytes=usage.flow_bytes,
        worker_bytes=usage.worker_bytes,
    )
