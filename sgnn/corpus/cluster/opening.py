"""Which kind of cluster the settings ask for, and opening it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sgnn.corpus.cluster.address import Address
from sgnn.corpus.cluster.futures import Cluster
from sgnn.corpus.cluster.job_queue import QUEUES, JobQueue
from sgnn.corpus.cluster.kind import ClusterKind
from sgnn.corpus.cluster.kubernetes import Kubernetes
from sgnn.corpus.cluster.local import Local
from sgnn.corpus.cluster.process import CONFIGURATION
from sgnn.errors import SgnnError

if TYPE_CHECKING:
    from sgnn.corpus.cluster.ahead import Ahead
    from sgnn.settings import Settings

KINDS: Mapping[str, ClusterKind] = {
    "local": Local(),
    "processes": Local(),
    **{name: JobQueue(queue) for name, queue in QUEUES.items()},
    "kubernetes": Kubernetes(),
}


@contextmanager
def open_cluster(settings: Settings, ahead: Ahead | None = None) -> Iterator[Cluster]:
    """A cluster for as long as the block runs: the configured scheduler, or workers of the configured kind.

    One that was started `ahead` of time is taken in its place, while it is there. Raises `ServiceError` where the
    scheduler does not answer, or workers of that kind cannot be asked for here.
    """
    with _start(settings) if ahead is None or ahead.gone else ahead.take() as cluster:
        yield cluster


@contextmanager
def _start(settings: Settings) -> Iterator[Cluster]:
    import dask
    import distributed  # noqa: F401  # its defaults must be there first: leaving the block would take them along

    kind = kind_of(settings)
    with dask.config.set(CONFIGURATION), kind.start(settings) as workers:
        yield Cluster(
            client=workers.client,
            dashboard=workers.client.dashboard_link,
            workers=workers.most,
            told=workers.told,
            patience=settings.worker_patience or kind.patience,
        )


def submission(settings: Settings) -> str:
    """The job script or manifest that the configured kind submits for its workers; empty where it submits none."""
    return kind_of(settings).submission(settings)


def missing_here(settings: Settings) -> SgnnError | None:
    """What keeps the configured kind from starting workers, as far as this machine tells without starting any."""
    try:
        kind_of(settings).check(settings)
    except SgnnError as error:
        return error
    return None


def kind_of(settings: Settings) -> ClusterKind:
    """The configured kind; an address goes before it."""
    return Address() if settings.dask_scheduler else KINDS[settings.cluster]
