"""Estimates: arithmetic on made-up trials, whose figures are known."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgnn.corpus.estimate import (
    Estimate,
    Prices,
    Spread,
    Trial,
    TriedBlock,
    cautions,
    estimate,
    trial_size,
)
from sgnn.corpus.layout import Layout
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.corpus.trial import planned_layout

PRICES = Prices(core_hour=0.5, gb_month=2.0)
FILES = ("level", "step", "crossings", "counted", "theta", "mechanism", "status", "seed")


def tried(seconds: float, walks: int = 24, lost: int = 0) -> TriedBlock:
    """A block of 32 draws, three fifths of whose time went into walks, each file a thousand bytes."""
    return TriedBlock(
        seconds=seconds,
        processor_seconds=seconds,
        kernel_seconds=0.9 * seconds,
        mechanism_seconds=(0.6 * seconds, 0.2 * seconds),
        mechanism_draws=(walks, 32 - walks),
        stored={**dict.fromkeys(FILES, 1000), "nothing": None},
        record_bytes=500,
        lost=lost,
    )


TRIAL = Trial(32, (tried(3.2), tried(1.6), tried(2.4)), segment_bytes=300, group_objects=16, peak_bytes=10**8)


def estimated(recipe: Recipe, trial: Trial = TRIAL, workers: int = 2, prices: Prices = PRICES) -> Estimate:
    return estimate(recipe.corpus, planned_layout(recipe.corpus), trial, workers, prices)


def test_time_money_and_bytes_follow_from_the_blocks_tried_with_their_spread(recipe: Recipe) -> None:
    found = estimated(recipe.with_draws(32 * 3600))
    assert (found.blocks, found.made, found.segments) == (3600, 115_200, 4)
    assert vars(found.core_hours) == pytest.approx({"mean": 2.4, "low": 1.6, "high": 3.2})
    assert vars(found.wall_seconds) == pytest.approx({"mean": 4320, "low": 2880, "high": 5760})
    assert found.dollars.computing is not None
    assert vars(found.dollars.computing) == pytest.approx({"mean": 1.2, "low": 0.8, "high": 1.6})
    assert found.size.stored == Spread(3600 * 8000, 3600 * 8000, 3600 * 8000)
    assert found.size.ledger == 3600 * 800
    assert found.dollars.storage_month is not None
    assert found.dollars.storage_month.mean == pytest.approx(3600 * 8800 / 1e9 * 2)


def test_a_corpus_is_made_of_whole_blocks_in_whole_rounds_of_all_workers(recipe: Recipe) -> None:
    found = estimated(recipe.with_draws(33), workers=3)
    assert (found.draws, found.made, found.blocks) == (33, 64, 2)
    assert found.wall_seconds.mean == pytest.approx(2.4)
    assert estimated(recipe.with_draws(32 * 7), workers=3).wall_seconds.mean == pytest.approx(3 * 2.4)


def test_without_a_price_there_are_no_dollars(recipe: Recipe) -> None:
    found = estimated(recipe, prices=Prices())
    assert (found.dollars.computing, found.dollars.storage_month) == (None, None)


def test_a_mechanism_has_the_seconds_of_its_own_draws(recipe: Recipe) -> None:
    walk, jump = estimated(recipe).mechanisms
    assert (walk.name, walk.share, walk.draws_tried) == ("walks.walk", 0.75, 72)
    assert jump.seconds_per_draw is not None
    assert vars(jump.seconds_per_draw) == pytest.approx({"mean": 0.06, "low": 0.04, "high": 0.08})


def test_a_mechanism_that_made_no_draw_has_no_seconds(recipe: Recipe) -> None:
    _, jump = estimated(recipe, replace(TRIAL, blocks=(tried(1.0, walks=32),))).mechanisms
    assert (jump.draws_tried, jump.seconds_per_draw) == (0, None)


@lru_cache
def layout_of_walks() -> tuple[Recipe, Layout]:
    walks = load_recipe("walks")
    return walks, planned_layout(walks.corpus)


@given(st.integers(1, 10**10), st.integers(1, 10**4))
def test_no_figure_falls_when_more_draws_are_asked_for(draws: int, more: int) -> None:
    walks, layout = layout_of_walks()
    few, many = (
        estimate(walks.with_draws(number).corpus, layout, TRIAL, 2, PRICES) for number in (draws, draws + more)
    )
    assert few.draws <= few.made < few.draws + few.block_draws
    for one, other in [
        (few.objects, many.objects),
        (few.core_hours.mean, many.core_hours.mean),
        (few.requests.put, many.requests.put),
        (few.size.stored.mean, many.size.stored.mean),
    ]:
        assert one <= other


@given(st.integers(1, 64), st.integers(1, 40), st.floats(1e-6, 100))
def test_a_trial_has_whole_chunks_that_fit_its_time_or_one_draw(chunks: int, chunk: int, pace: float) -> None:
    draws, own_chunk = trial_size(chunks * chunk, chunk, pace, 4.0)
    assert 1 <= draws <= chunks * chunk
    assert draws % own_chunk == 0
    assert own_chunk <= chunk
    assert draws * pace <= 4.0 * (1 + 1e-9) or draws == 1
    if chunks * chunk * pace <= 4.0:
        assert (draws, own_chunk) == (chunks * chunk, chunk)


def warned(found: Estimate, limited: bool = False, memory: int | None = None, free: int | None = None) -> str:
    return "\n".join(cautions(found, limited=limited, worker_memory=memory, free_bytes=free))


def test_sound_figures_need_no_caution(recipe: Recipe) -> None:
    assert warned(estimated(recipe), memory=10**9, free=10**9) == ""


def test_what_makes_figures_doubtful_or_a_build_impossible_is_said(recipe: Recipe) -> None:
    waiting = replace(TRIAL, blocks=tuple(replace(block, processor_seconds=0.8) for block in TRIAL.blocks))
    assert "had a processor for 33% of their time" in warned(estimated(recipe, waiting))
    assert warned(estimated(recipe, waiting), limited=True) == ""
    assert "blocks of 16 draws were tried" in warned(estimated(recipe, replace(TRIAL, block_draws=16)))
    assert "3.12% of the draws tried failed" in warned(estimated(recipe, replace(TRIAL, blocks=(tried(1.0, lost=1),))))
    assert "SGNN_WORKER_MEMORY gives it 10 MiB" in warned(estimated(recipe), memory=10 * 2**20)
    assert "has 0 MiB free" in warned(estimated(recipe), free=1000)


def test_the_object_can_be_written_as_json(recipe: Recipe) -> None:
    document = json.loads(json.dumps(estimated(recipe).to_json(), allow_nan=False))
    assert document["trial"]["seconds"] == [3.2, 1.6, 2.4]
    assert document["trial"]["whole_blocks"] is True
