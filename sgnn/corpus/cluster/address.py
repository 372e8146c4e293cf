"""A scheduler that is running already, with workers that somebody else started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from sgnn.corpus.cluster.encryption import PROTOCOL, security
from sgnn.corpus.cluster.kind import ClusterKind, Workers
from sgnn.credentials import tls_files
from sgnn.errors import ServiceError

if TYPE_CHECKING:
    from sgnn.settings import Settings

CONNECT_SECONDS = 10


class Address(ClusterKind):
    """Joined for as long as the block runs, and left as it was found."""

    @contextmanager
    def start(self, settings: Settings) -> Iterator[Workers]:
        """Connect, and wait for the first worker: how many there are says how much is submitted ahead."""
        from distributed import Client

        address, patience = settings.dask_scheduler or "", settings.worker_patience or self.patience
        certificates = [str(file) for file in tls_files(settings)] if address.startswith(PROTOCOL) else []
        with ExitStack() as stack:
            try:
                client = Client(  # type: ignore[no-untyped-call]
                    address,
                    set_as_default=False,
                    timeout=min(CONNECT_SECONDS, patience),
                    security=security(certificates),
                )
                stack.enter_context(client)
                client.wait_for_workers(1, timeout=patience)
            except (OSError, TimeoutError, ValueError) as error:
                raise ServiceError(
                    f"no Dask cluster with workers at {address}: {error}",
                    remedy="start it, or unset SGNN_DASK_SCHEDULER to use local processes",
                ) from error
            threads = sum(client.nthreads().values())  # type: ignore[no-untyped-call]
            most, told = threads, f"{threads} workers of {address}"
            if settings.workers_min is not None:
                # more come when there is work for them, and only then
                most = max(threads, settings.workers)
                told = f"{threads} to {most} workers of {address}"
            yield Workers(client, most, told)
