"""An object store as a process of its own (moto's server), with a failing proxy before it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import pytest

from sgnn.corpus.store import CorpusStore, open_store
from tests.corpus.store.proxy import Proxy

PATIENCE = 60.0


@pytest.fixture(scope="session")
def moto() -> Iterator[int]:
    """Port of the server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert server.poll() is None
                    time.sleep(0.05)
            yield port
        finally:
            server.kill()


@pytest.fixture
def proxy(moto: int) -> Iterator[Proxy]:
    """A proxy before the server that lets everything through until told otherwise."""
    made = Proxy(moto)
    yield made
    made.close()


@pytest.fixture
def bucket(moto: int, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> str:
    """URL of a new bucket behind the proxy, which the environment names as the endpoint."""
    name = f"corpora-{uuid4().hex[:12]}"
    connection = HTTPConnection("127.0.0.1", moto, timeout=60)
    connection.request("PUT", f"/{name}")
    assert connection.getresponse().status == 200
    connection.close()
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("SGNN_STORE_PATIENCE", str(PATIENCE))
    return f"s3://{name}"


@pytest.fixture(params=["folder", "bucket"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a store of corpora, of each kind."""
    if request.param == "folder":
        return str(tmp_path / "store")
    return f"{request.getfixturevalue('bucket')}/corpora"


@pytest.fixture
def store(url: str) -> CorpusStore:
    """The store of one corpus in it, of each kind."""
    return open_store(f"{url}/walks-0123")
