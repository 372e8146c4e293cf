"""Work ahead of its turn: in order, bounded, with errors where their results would be."""

from __future__ import annotations

import itertools
import threading

import pytest

from sgnn.learning.stream.ahead import ahead


@pytest.mark.parametrize("most", [0, 1, 3])
def test_results_come_in_order_of_endless_items(most: int) -> None:
    results = ahead(lambda item: item * item, itertools.count(), most)
    assert list(itertools.islice(results, 6)) == [0, 1, 4, 9, 16, 25]
    results.close()


def test_no_more_is_begun_than_is_ahead() -> None:
    begun: list[int] = []
    results = ahead(lambda item: begun.append(item) or item, itertools.count(), 2)
    next(results)
    results.close()
    assert sorted(begun) == [0, 1, 2]


def test_the_next_result_is_made_while_this_one_is_used() -> None:
    made = [threading.Event(), threading.Event()]
    results = ahead(lambda item: made[item].set(), range(2), 1)
    next(results)
    assert made[1].wait(10)


def test_an_error_comes_where_its_result_would() -> None:
    results = ahead(lambda item: 1 // item, [1, 0], 1)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
