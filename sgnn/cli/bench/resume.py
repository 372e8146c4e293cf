"""How soon a corpus build that was killed goes on: seconds from the command to the first new record of a block.

The command that everybody uses is started in a process group of its own, killed -9 with that group once some blocks are
recorded, and started again. Blocks are small, so that starting is measured and not simulating.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from sgnn.cli.bench.figure import Figure
from sgnn.cli.output import note

if TYPE_CHECKING:
    from sgnn.cli.bench.killed import Restart
    from sgnn.cli.bench.workplace import Workplace
    from sgnn.settings import Settings

BLOCK, KEPT, KILLS = 64, 8, 3
"""Draws of a block, blocks that are recorded before each kill, and how often it is killed."""
RECIPE = """
name: {name}
extends: {base}
corpus: {{name: {name}, draws: {draws}, block_draws: {block}, chunk_draws: {block}}}
"""


def measure(place: Workplace) -> tuple[Figure, ...]:
    """Of several kills the median, beside the same build started afresh and beside the Prefect server alone."""
    from sgnn.cli.bench.killed import Build
    from sgnn.cli.bench.workplace import RECIPE as BASE
    from sgnn.corpus.assembly import warm

    # what a first build makes for all that come after: compiled kernels, databases
    warm(place.recipe.corpus, "bench")
    recipe = place.settings.home / "resume.yaml"
    recipe.write_text(RECIPE.format(name="resume", base=BASE, draws=1024 * BLOCK, block=BLOCK), encoding="utf-8")
    build = Build(str(recipe), place.settings)
    note("building until it is killed")
    build.until_killed(KEPT)
    restarts = [build.until_killed(KEPT) for _ in range(KILLS)]
    build.forget()
    fresh = build.until_killed(KEPT)
    return figures(restarts, fresh, server_seconds(place.settings))


def figures(restarts: list[Restart], fresh: Restart, server: float) -> tuple[Figure, ...]:
    """The restart of median time, told by its parts, beside what it can be held against."""
    middle = sorted(restarts, key=lambda one: one.seconds)[(len(restarts) - 1) // 2]
    told = (
        f"build killed -9 and started again, until its first new block of {BLOCK} draws is recorded, median of "
        f"{len(restarts)}: Prefect answers after {middle.server:.1f} s, workers have their plan after "
        f"{middle.workers:.1f} s, a block takes {middle.block:.2f} s"
    )
    references = {"the same from an empty store": fresh.seconds, "the Prefect server alone, until it answers": server}
    value = statistics.median_low(one.seconds for one in restarts)
    return tuple(Figure("resume", told, value, "s", name, other) for name, other in references.items())


def server_seconds(settings: Settings) -> float:
    """Seconds until a Prefect server of our own answers, which no build can start without."""
    from flows.server import prefect_server

    began = time.monotonic()
    with prefect_server(settings) as server:
        server.wait()
        return time.monotonic() - began
