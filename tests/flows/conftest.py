"""One Prefect server and one MLflow database for all tests of flows, for making them takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.server import Server, start_prefect_server
from sgnn.settings import Settings, load_settings

TOY = Path(__file__).parent / "toy"


@pytest.fixture(scope="session", autouse=True)
def _toy_package() -> Iterator[None]:
    """The toy package counts as installed, in child processes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOY)
        patch.setenv("PYTHONPATH", str(TOY))
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Prefect server over a home folder of its own."""
    started = start_prefect_server(load_settings(home=tmp_path_factory.mktemp("prefect-home")))
    try:
        yield started.wait()
    finally:
        started.stop()


@pytest.fixture
def services(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment in which the session's server and database are configured, and two workers."""
    folder = tmp_path_factory.getbasetemp() / "mlflow"
    folder.mkdir(exist_ok=True)
    return {
        "PREFECT_API_URL": server.api_url,
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "SGNN_WORKERS": "2",
    }


@pytest.fixture
def configured(services: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a fresh home folder and the session's services, in the environment too."""
    for name, value in services.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SGNN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return load_settings()
