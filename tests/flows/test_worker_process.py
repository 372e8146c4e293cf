"""The Prefect worker's process takes away what runs leave; `test_scheduled` sees it work."""

from __future__ import annotations

import gc
import threading
import time
import weakref

from flows.worker_process import collect_regularly


class Client:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.own = self


def test_what_is_old_and_in_circles_is_taken_away_without_being_asked_for() -> None:
    client = Client()
    left = weakref.ref(client)
    # old enough that only a full collection looks at it
    gc.collect()
    del client
    assert left() is not None
    end = threading.Event()
    thread = threading.Thread(target=collect_regularly, args=(0.01, end))
    thread.start()
    deadline = time.monotonic() + 30
    while left() is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    end.set()
    thread.join(30)
    assert left() is None
    assert not thread.is_alive()
