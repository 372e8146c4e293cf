"""The pace: batches grow while they are quick, shrink when they are not, and have no more time than one draw."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgnn.corpus.limits.pace import LEAST_SECONDS, PATIENCE, SHARE, Pace

SECONDS = st.floats(1e-6, 1e4)


def test_batches_of_quick_draws_double_until_a_whole_block_is_one() -> None:
    pace, sizes = Pace(), list[int]()
    while pace.most < 1024:
        sizes.append(pace.most)
        pace = pace.made(pace.most, pace.most * 1e-4, limit=10.0)
    assert sizes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]


@given(draws=st.integers(1, 4096), a_draw=SECONDS, limit=SECONDS)
def test_a_batch_of_the_size_that_is_tried_next_is_expected_well_within_the_limit(
    draws: int, a_draw: float, limit: float
) -> None:
    pace = Pace(most=draws).made(draws, draws * a_draw, limit)
    assert pace.most == 1 or pace.most * a_draw <= 2 * SHARE * limit * (1 + 1e-9)


@given(draws=st.integers(1, 4096), a_draw=st.none() | SECONDS, limit=SECONDS)
def test_no_batch_has_more_time_than_one_draw_and_one_draw_has_all_of_it(
    draws: int, a_draw: float | None, limit: float
) -> None:
    pace = Pace(seconds=a_draw)
    assert (pace.patience(draws, limit) or 0) <= limit
    assert pace.patience(1, limit) == limit


def test_a_batch_that_takes_far_longer_than_expected_is_given_up_before_the_limit() -> None:
    assert Pace(seconds=1e-3).patience(500, limit=600.0) == PATIENCE * 0.5
    assert Pace(seconds=1e-6).patience(500, limit=600.0) == LEAST_SECONDS


@pytest.mark.parametrize(("draws", "next_one"), [(1024, 512), (3, 1), (1, 1)])
def test_after_a_batch_that_went_too_far_half_as_many_are_tried(draws: int, next_one: int) -> None:
    assert Pace(most=draws).exceeded(draws).most == next_one


def test_without_a_limit_there_is_no_end_to_waiting() -> None:
    assert Pace(seconds=1.0).patience(8, None) is None
    assert Pace().made(1, 1e6, None).most == 2
