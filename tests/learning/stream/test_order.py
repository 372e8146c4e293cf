"""The order: every draw as often as its weight says, in windows that are each known by themselves."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from sgnn.learning.stream.lane import Lane
from sgnn.learning.stream.order import Order
from sgnn.learning.stream.part import is_held_out
from sgnn.learning.stream.usable import Usable


def usable(draws: int, block: int = 32, weights: tuple[float, ...] = (1.0,), classes: object = None) -> Usable:
    edges = np.append(np.arange(0, draws, block), draws)
    return Usable("train", edges, weights, None if classes is None else np.asarray(classes, dtype=np.int16))


def mechanisms(draws: int, count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, count, draws)


def one(made: Usable, size: int = 64, seed: int = 3) -> Order:
    return Order([Lane(made, seed, 0)], [1.0], size, seed)


def epochs(order: Order, number: int) -> np.ndarray:
    """Draws (epoch, …) of the first epochs of an order over one corpus."""
    windows = -(-order.length * number // order.size)
    draws = np.concatenate([order.window(at).draw for at in range(windows)])
    return draws[: order.length * number].reshape(number, order.length)


def test_every_epoch_shows_each_usable_draw_exactly_once() -> None:
    order = one(usable(500))
    teaching = np.flatnonzero(~is_held_out(np.arange(500)))
    shown = epochs(order, 4)
    for epoch in shown:
        np.testing.assert_array_equal(np.sort(epoch), teaching)
    assert len({tuple(epoch) for epoch in shown}) == 4


def test_what_is_not_usable_is_never_shown() -> None:
    classes = np.zeros(500, dtype=int)
    classes[[3, 7, 200, 499]] = -1
    assert not np.isin(epochs(one(usable(500, classes=classes)), 2), [3, 7, 200, 499]).any()


def test_a_window_is_the_same_whatever_was_asked_before() -> None:
    asked, afresh = one(usable(500)), one(usable(500))
    for number in (9, 2, 30):
        asked.window(number)
    np.testing.assert_array_equal(asked.window(17).draw, afresh.window(17).draw)


def test_a_window_mixes_few_blocks() -> None:
    order = one(usable(32 * 100), size=128)
    for number in range(20):
        assert len(np.unique(order.window(number).draw // 32)) <= 6


@pytest.mark.parametrize("weights", [(1.0, 2.0, 0.5), (0.0, 1.0, 1.0), (7.3, 1.0, 0.01)])
def test_mechanisms_are_shown_by_weight_exactly_in_every_epoch(weights: tuple[float, ...]) -> None:
    classes = mechanisms(2000, 3)
    made = usable(2000, weights=weights, classes=classes)
    due = made.sizes * np.array(weights)
    order = one(made)
    for epoch in epochs(order, 5):
        counts = np.bincount(classes[epoch], minlength=3)
        np.testing.assert_allclose(counts, due / due.sum() * order.length, atol=1.0)


def test_draws_of_one_mechanism_are_shown_equally_often_over_many_epochs() -> None:
    classes = mechanisms(600, 2)
    order = one(usable(600, weights=(1.0, 2.5), classes=classes))
    shown = Counter(epochs(order, 200).ravel().tolist())
    for mechanism in range(2):
        teaching = np.flatnonzero((classes == mechanism) & ~is_held_out(np.arange(600)))
        counts = np.array([shown[draw] for draw in teaching.tolist()])
        # systematic sampling: no draw strays further from the mean than chance over 200 epochs allows
        assert counts.std() < 0.08 * counts.mean()
        assert counts.min() > 0


def test_mechanisms_keep_their_shares_all_along_an_epoch() -> None:
    classes = mechanisms(6400, 2)
    order = one(usable(6400, weights=(1.0, 3.0), classes=classes), size=256)
    shares = [(classes[order.window(at).draw] == 1).mean() for at in range(order.length // 256)]
    assert np.mean(shares) == pytest.approx(0.75, abs=0.01)
    assert np.std(shares) < 0.06


def test_a_draw_due_twice_does_not_come_again_at_once() -> None:
    classes = np.zeros(6400, dtype=int)
    classes[::10] = 1
    order = one(usable(6400, weights=(1.0, 4.0), classes=classes), size=256)
    again = [len(draws) - len(np.unique(draws)) for draws in (order.window(at).draw for at in range(20))]
    assert np.mean(again) < 13


def test_corpora_are_mixed_by_weight_and_each_shows_all_its_draws_in_its_own_epochs() -> None:
    lanes = [Lane(usable(800), 3, 0), Lane(usable(100), 3, 1)]
    order = Order(lanes, [1.0, 0.5], 60, 3)
    windows = [order.window(at) for at in range(120)]
    for window in windows:
        assert abs((window.source == 1).sum() - 20) <= 1
    draws = np.concatenate([window.draw[window.source == 1] for window in windows])
    length = lanes[1].length
    for at in range(len(draws) // length):
        assert len(np.unique(draws[at * length : (at + 1) * length])) == length


def test_epochs_are_told_apart_for_each_corpus() -> None:
    order = Order([Lane(usable(800), 3, 0), Lane(usable(100), 3, 1)], [1.0, 1.0], 64, 3)
    windows = [order.window(at) for at in range(60)]
    for source in range(2):
        epoch = np.concatenate([window.epoch[window.source == source] for window in windows])
        np.testing.assert_array_equal(epoch, np.arange(len(epoch)) // order.lanes[source].length)
