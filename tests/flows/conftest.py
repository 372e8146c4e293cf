"""One Prefect server for all tests of flows: starting one takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flows.server import Server, start_prefect_server
from sgnn.settings import load_settings


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Prefect server over a home folder of its own."""
    started = start_prefect_server(load_settings(home=tmp_path_factory.mktemp("prefect-home")))
    try:
        yield started.wait()
    finally:
        started.stop()
