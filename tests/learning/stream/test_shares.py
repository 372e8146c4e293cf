"""Sharing out draws: whole numbers that add up, stay near their share, and treat every draw alike."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sgnn.learning.stream.shares import apportioned, chosen, chosen_before, taken

weights = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=6).filter(lambda given: sum(given) > 0)


@given(total=st.integers(0, 10**12), given_weights=weights)
def test_shares_add_up_and_are_less_than_one_off(total: int, given_weights: list[float]) -> None:
    shares = apportioned(total, given_weights)
    assert sum(shares) == total
    for share, weight in zip(shares, given_weights, strict=True):
        exact = total * weight / sum(given_weights)
        assert abs(share - exact) < 1 + 1e-9 * total
        assert share == 0 or weight > 0


@given(
    parts=st.lists(st.integers(0, 1000), min_size=1, max_size=5).filter(any),
    position=st.integers(0, 10**15),
    step=st.integers(0, 5000),
)
def test_what_is_taken_of_each_source_adds_up_and_never_falls(parts: list[int], position: int, step: int) -> None:
    before, after = taken(position, parts), taken(position + step, parts)
    assert sum(before) == position
    assert all(0 <= more - less <= step for less, more in zip(before, after, strict=True))
    for count, part in zip(before, parts, strict=True):
        assert abs(count - position * part / sum(parts)) <= len(parts) + position * 1e-12


@given(among=st.integers(1, 60), data=st.data())
def test_every_draw_is_chosen_equally_often_over_all_offsets(among: int, data: st.DataObject) -> None:
    wanted = data.draw(st.integers(0, among))
    ordinals = np.arange(among)
    picks = np.stack([chosen(ordinals, wanted, among, offset) for offset in range(among)])
    assert (picks.sum(axis=1) == wanted).all()
    assert (picks.sum(axis=0) == wanted).all()


@given(among=st.integers(1, 60), data=st.data())
def test_the_number_chosen_before_a_draw_is_counted_without_looking_at_them(among: int, data: st.DataObject) -> None:
    wanted, offset = data.draw(st.integers(0, among)), data.draw(st.integers(0, among - 1))
    picks = chosen(np.arange(among), wanted, among, offset)
    counted = chosen_before(np.arange(among + 1), wanted, among, offset)
    np.testing.assert_array_equal(np.diff(counted), picks)
