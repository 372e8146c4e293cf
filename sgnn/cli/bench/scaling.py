"""What a corpus costs as its number of draws grows a hundredfold, and what Prefect and Dask add to it.

Corpora of three sizes are built by the flow that everybody uses, each in a process of its own, from a simulator that
does next to nothing and in small blocks: what is measured is the machinery. What it adds to real simulations is told
beside the time that the recipe's own blocks take.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sgnn.cli.bench.figure import Figure
from sgnn.cli.output import note

if TYPE_CHECKING:
    from sgnn.cli.bench.watched import Watched
    from sgnn.cli.bench.workplace import Workplace

BLOCK = 128
"""Draws of a block: so a million draws are eight times as many blocks as usual."""
MILLION = 1_000_000
MEBIBYTE = 2**20
RECIPE = """
name: {name}
extends: {base}
corpus:
  name: {name}
  draws: {draws}
  block_draws: {block}
  settings: {{weeks: 2}}
  simulators: [{{name: epidemics.nonmechanistic_walk}}]
  observation: []
  keep: null
"""


def measure(place: Workplace) -> tuple[Figure, ...]:
    """Cost of a draw, of the commit and in memory at each size beside the first; then the recipe's own corpus."""
    # what a first build makes for all that come after: databases, compiled kernels
    _build(place, 1)
    builds = [_build(place, draws) for draws in sizes(place.largest)]
    return (*beside_first(builds), *_recipe(place, builds))


def sizes(largest: int) -> tuple[int, ...]:
    """Numbers of draws, each ten times the one before, up to the largest."""
    return tuple(largest // part for part in (100, 10, 1))


def _build(place: Workplace, draws: int) -> Watched:
    from sgnn.cli.bench.watched import watched_build
    from sgnn.cli.bench.workplace import RECIPE as BASE

    name, home = f"scaling-{draws}", place.settings.home
    recipe = home / f"{name}.yaml"
    recipe.write_text(RECIPE.format(name=name, base=BASE, draws=draws, block=BLOCK), encoding="utf-8")
    note(f"building {draws:,} draws")
    return watched_build(str(recipe), draws, place.settings, home / f"{name}.log")


def beside_first(builds: Sequence[Watched]) -> Iterator[Figure]:
    """One figure for each measure and each size after the first."""
    measures: dict[tuple[str, str], Callable[[Watched], float]] = {
        ("wall time a draw", "µs"): lambda build: 1e6 * build.seconds / build.draws,
        ("commit", "s"): lambda build: build.commit_seconds,
        ("most memory of the flow's process", "MiB"): lambda build: build.flow_bytes / MEBIBYTE,
        ("most memory of a worker", "MiB"): lambda build: build.worker_bytes / MEBIBYTE,
    }
    first = builds[0]
    for (what, unit), value in measures.items():
        for build in builds[1:]:
            told = f"{what}, {build.draws:,} draws in {math.ceil(build.draws / BLOCK):,} blocks"
            yield Figure("scaling", told, value(build), unit, f"the same of {first.draws:,} draws", value(first))


def _recipe(place: Workplace, builds: Sequence[Watched]) -> Iterator[Figure]:
    """The recipe's own corpus: how busy its workers are, how small it is, what the machinery adds to a million."""
    from sgnn.cli.bench.build import measure as efficiency
    from sgnn.corpus.assembly import warm

    note(f"building {place.draws:,} draws of {place.recipe.name}")
    warm(place.recipe.corpus, "bench")
    yield replace(efficiency(place), name="scaling")
    layout, manifest = place.corpus.layout, place.corpus.manifest
    yield Figure(
        name="scaling",
        what=f"stored of a draw of {place.recipe.name}, all {len(layout.arrays)} arrays",
        value=manifest.stored_bytes / (manifest.blocks * layout.block_draws),
        unit="bytes",
        reference="decoded",
        reference_value=sum(array.bytes_per_draw for array in layout.arrays),
    )
    yield machinery(
        builds[0],
        builds[-1],
        block_seconds=place.built.block_seconds / manifest.blocks,
        blocks=-(-MILLION // layout.block_draws),
        name=place.recipe.name,
    )


def machinery(first: Watched, last: Watched, *, block_seconds: float, blocks: int, name: str) -> Figure:
    """Seconds that Prefect and Dask add to so many blocks that take a worker `block_seconds` each, beside all of them.

    A straight line through the first and the last build parts what is paid once from what each block costs: wall time
    that no block accounts for, and processor time of the flow and its server, as if workers had wanted all of it.
    """
    between = (last.draws - first.draws) / BLOCK
    waited = (last.beside_blocks - first.beside_blocks) / between
    driven = (last.driving_seconds - first.driving_seconds) / between / last.workers
    once = first.beside_blocks - waited * first.draws / BLOCK
    added = once + (waited + driven) * blocks
    return Figure(
        name="scaling",
        what=f"Prefect and Dask in {MILLION:,} draws of {name}: {once:.1f} s once, {1e3 * (waited + driven):.1f} ms of "
        "wall a block (workers without a block, and processor time of the flow and its server), from builds of a "
        f"simulator that does next to nothing, up to {last.draws:,} draws",
        value=added,
        unit="s",
        reference=f"wall time of those {blocks:,} blocks with it, at {block_seconds:.2f} s a block",
        reference_value=blocks * block_seconds / last.workers + added,
    )
