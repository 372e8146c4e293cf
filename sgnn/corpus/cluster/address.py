"""A scheduler that is running already, with workers that somebody else started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from sgnn.corpus.cluster.kind import ClusterKind, Workers
from sgnn.credentials import tls_files
from sgnn.errors import ServiceError

if TYPE_CHECKING:
    from sgnn.settings import Settings

CONNECT_SECONDS = 10
TLS = "tls://"


class Address(ClusterKind):
    """Joined for as long as the block runs, and left as it was found."""

    @contextmanager
    def start(self, settings: Settings) -> Iterator[Workers]:
        """Connect, and wait for the first worker: how many there are says how much is submitted ahead."""
        from distributed import Client

        address, patience = settings.dask_scheduler, settings.worker_patience or self.patience
        with ExitStack() as stack:
            try:
                client = Client(  # type: ignore[no-untyped-call]
                    address,
                    set_as_default=False,
                    timeout=min(CONNECT_SECONDS, patience),
                    security=_security(settings),
                )
                stack.enter_context(client)
                client.wait_for_workers(1, timeout=patience)
            except (OSError, TimeoutError, ValueError) as error:
                raise ServiceError(
                    f"no Dask cluster with workers at {address}: {error}",
                    remedy="start it, or unset SGNN_DASK_SCHEDULER to use local processes",
                ) from error
            threads = sum(client.nthreads().values())  # type: ignore[no-untyped-call]
            if settings.workers_min is None:
                yield Workers(client, threads, f"{threads} workers of {address}")
            else:
                # more come when there is work for them, and only then
                most = max(threads, settings.workers)
                yield Workers(client, most, f"{threads} to {most} workers of {address}")


def _security(settings: Settings) -> Any:
    """Both ends show certificates where the address begins with `tls://`. Raises `SettingsError` without them."""
    from distributed.security import Security

    if not settings.dask_scheduler or not settings.dask_scheduler.startswith(TLS):
        return Security()  # type: ignore[no-untyped-call]
    authority, certificate, key = tls_files(settings)
    return Security(  # type: ignore[no-untyped-call]
        require_encryption=True,
        tls_ca_file=str(authority),
        tls_client_cert=str(certificate),
        tls_client_key=str(key),
    )
