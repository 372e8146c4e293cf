"""How whoever speaks with a Dask scheduler shows who they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from distributed.security import Security

PROTOCOL = "tls://"


def security(files: Sequence[str]) -> Security:
    """Certificates of both ends, from files of authority, certificate and key; nothing encrypted without files."""
    from distributed.security import Security

    if not files:
        return Security()  # type: ignore[no-untyped-call]
    authority, certificate, key = files
    return Security(  # type: ignore[no-untyped-call]
        require_encryption=True, tls_ca_file=authority, tls_client_cert=certificate, tls_client_key=key
    )
