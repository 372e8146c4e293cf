"""Connections to a bucket, from the standard AWS_ variables of the environment."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import lru_cache
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sgnn.errors import StoreError

if TYPE_CHECKING:
    from obstore.store import S3Store

ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 30.0
"""Without a byte for so long, an answer is given up."""
ANSWER_SECONDS = 600.0


def client(bucket: str, patience: float, prefix: str = "", *, retry: bool = False) -> S3Store:
    """A connection to the bucket, kept for as long as the environment says the same. `prefix` goes before all keys.

    With `retry`, it tries again by itself for `patience` seconds; without, whoever asks decides. Raises `StoreError`
    where obstore is not installed or the endpoint cannot be used.
    """
    environment = tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_")))
    return _client(bucket, patience, prefix, retry, environment)


@lru_cache(maxsize=16)
def _client(
    bucket: str, patience: float, prefix: str, retry: bool, environment: tuple[tuple[str, str], ...]
) -> S3Store:
    if find_spec("obstore") is None:
        raise StoreError(f"store s3://{bucket} needs the package obstore", remedy="install sgnn[s3]")
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    allowed = _may_be_plain(dict(environment))
    try:
        return S3Store(
            bucket,
            prefix=prefix or None,
            client_options={
                **({"allow_http": True} if allowed else {}),
                "connect_timeout": timedelta(seconds=min(CONNECT_SECONDS, patience)),
                "read_timeout": timedelta(seconds=min(SILENCE_SECONDS, patience)),
                "timeout": timedelta(seconds=ANSWER_SECONDS),
            },
            retry_config={"max_retries": 10 if retry else 0, "retry_timeout": timedelta(seconds=patience)},
        )
    except (BaseError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise StoreError(f"cannot open s3://{bucket}: {reason}", remedy="check the AWS_ variables") from error


def _may_be_plain(environment: dict[str, str]) -> bool:
    """Whether the endpoint is on this machine, where nobody listens. Raises `StoreError` for another without TLS."""
    name = next((name for name in ENDPOINTS if environment.get(name)), None)
    if name is None or urlsplit(environment[name]).scheme != "http":
        return False
    host = urlsplit(environment[name]).hostname or ""
    if host == "localhost" or _is_loopback(host):
        return True
    if environment.get("AWS_ALLOW_HTTP", "").lower() not in ("true", "1"):
        raise StoreError(
            f"{name} is {environment[name]}: keys and data would go unencrypted over the network",
            remedy="use https, or set AWS_ALLOW_HTTP=true where that is meant",
        )
    return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
