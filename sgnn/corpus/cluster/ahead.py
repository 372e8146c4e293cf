"""A cluster that starts in the background, while the program that will use it still waits for other things."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from sgnn.corpus.cluster.futures import Cluster
from sgnn.corpus.cluster.opening import kind_of, open_cluster

if TYPE_CHECKING:
    from sgnn.settings import Settings


class Ahead:
    """A cluster on its way. Whoever takes it has it to themselves, and it ends with them."""

    def __init__(self, settings: Settings) -> None:
        self.gone = False
        """Whether it was taken, or ended without: there is none to take any more."""
        self._settings = settings
        self._opened: Future[Cluster] = Future()
        self._leave = Event()
        self._ended: BaseException | None = None
        self._thread = Thread(target=self._hold, name="cluster ahead", daemon=True)
        self._thread.start()

    @contextmanager
    def take(self) -> Iterator[Cluster]:
        """The cluster, once it is there, until the block ends. Raises what starting or ending it raised."""
        self.gone = True
        try:
            yield self._opened.result()
        finally:
            self.end()
        if self._ended is not None:
            raise self._ended

    def end(self) -> None:
        """End it, started or not yet; harmless when it has ended."""
        self.gone = True
        self._leave.set()
        self._thread.join()

    def _hold(self) -> None:
        # opened and closed by one thread: what is set for the time between is reset where it was set
        try:
            with open_cluster(self._settings) as cluster:
                self._opened.set_result(cluster)
                self._leave.wait()
        except BaseException as error:
            # whoever waits must hear of it, whatever it is: a cancellation inside Dask is no Exception
            if self._opened.done():
                self._ended = error
            else:
                self._opened.set_exception(error)


@contextmanager
def cluster_ahead(settings: Settings) -> Iterator[Ahead | None]:
    """A cluster that starts now and ends with the block, or with who takes it before.

    None where workers are somebody else's to give, such as jobs and pods: these are asked for when there is work.
    """
    if not kind_of(settings).cheap:
        yield None
        return
    # imported by one thread: while it starts, the program imports what it needs besides
    import distributed  # noqa: F401

    ahead = Ahead(settings)
    try:
        yield ahead
    finally:
        ahead.end()
