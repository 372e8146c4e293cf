"""Memory: a plan does not grow with the draws, nor a worker with the blocks that it has made."""

from __future__ import annotations

import tracemalloc

import psutil
import pytest

from sgnn.corpus.block import make_block
from sgnn.corpus.build import prepare
from sgnn.corpus.recipe import Recipe
from sgnn.settings import Settings


@pytest.mark.parametrize("draws", [10**6, 10**8])
def test_planning_takes_little_memory_however_many_draws_are_asked_for(
    draws: int, recipe: Recipe, settings: Settings
) -> None:
    tracemalloc.start()
    try:
        plan = prepare(recipe.with_draws(draws), settings)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(plan.missing) == draws // 16
    print(f"{draws:.0e} draws in {len(plan.missing):,} blocks: {peak / 2**20:.0f} MiB at most")
    assert peak < 100 * 2**20


def test_a_process_does_not_grow_with_the_blocks_that_it_makes(recipe: Recipe, settings: Settings) -> None:
    plan = prepare(recipe.with_draws(16 * 250), settings)
    process, sizes = psutil.Process(), list[int]()
    for block in plan.missing:
        make_block(plan.to_json([block]), block)
        sizes.append(process.memory_info().rss)
    grown = (sizes[-1] - sizes[100]) / 150
    print(f"{grown / 1024:.1f} KiB a block")
    # what the allocator keeps is some 1 KiB a block; a block that were kept is more
    assert grown < 8 * 1024
