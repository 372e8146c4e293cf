"""Work done ahead of its turn by threads, so that whoever needs it next does not wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(work: Callable[[Item], Result], items: Iterable[Item], most: int) -> Iterator[Result]:
    """Results of the work on each item, in order, of which ``most`` are made ahead by as many threads.

    The items may have no end; no more is ever held than what is ahead. An error comes up where its result would. With
    nothing ahead the work is done in its turn, by the caller.
    """
    if not most:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(most, thread_name_prefix="read-ahead") as threads:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(threads.submit(work, item))
            if len(waiting) > most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
