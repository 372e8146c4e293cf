"""The MLflow page as a real server, and a client that talks to it as to any other."""

from __future__ import annotations

import os
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from sgnn.corpus.sections import Gate
from sgnn.errors import ServiceError
from sgnn.settings import Settings, load_settings
from sgnn.tracking.connection import open_tracking
from sgnn.tracking.lineage import Lineage
from sgnn.tracking.models import folder_digest, log_forecaster
from sgnn.tracking.promotion import promote
from sgnn.tracking.reference import resolve
from sgnn.tracking.registry import read_benchmarks, register
from sgnn.tracking.runs import pipeline_run
from sgnn.tracking.ui import MlflowPage, start_mlflow_ui


@pytest.fixture
def page(settings: Settings) -> Iterator[MlflowPage]:
    """A running page over the home folder's database."""
    with start_mlflow_ui(settings) as running:
        yield running


def test_the_page_answers_on_this_machine_and_its_server_takes_a_whole_release(
    page: MlflowPage,
    tmp_path: Path,
    weights: Callable[[int], Path],
    benchmark: Callable[..., dict[str, Any]],
    lineage: Lineage,
    gates: tuple[Gate, ...],
    capfd: pytest.CaptureFixture[str],
) -> None:
    with urllib.request.urlopen(page.address) as answer:
        assert b"<title>MLflow</title>" in answer.read()
    # another home: all that is shared is the server
    remote = load_settings(home=tmp_path / "other", MLFLOW_TRACKING_URI=page.address)
    MlflowClient(page.address).create_experiment("remote", artifact_location="mlflow-artifacts:/remote")
    tracking = open_tracking(remote, "remote")
    with pipeline_run(tracking, "covid", "identity") as run:
        run.log_metrics({"loss": 0.5})
        logged = log_forecaster(run, weights(0), "covid", "# card")
        version = register(tracking, "covid", logged, lineage, {"real": benchmark(0.6)}, gates)
    assert read_benchmarks(tracking, version) == {"real": benchmark(0.6)}
    promote(tracking, "covid")
    folder = resolve("covid", remote)
    assert folder.is_relative_to(remote.models_folder)
    assert folder_digest(folder) == folder_digest(weights(0))
    assert not (remote.home / "mlflow.db").exists()
    assert capfd.readouterr() == ("", "")
    # a configured server is named, not started, and not ended
    with start_mlflow_ui(remote) as named:
        assert (named.address, named.server) == (page.address, None)
    page.stop()
    assert page.server is not None
    with pytest.raises(ProcessLookupError):
        os.killpg(page.server.pid, 0)
    page.stop()


def test_a_port_that_is_taken_is_told_before_anything_starts(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port} is taken"):
            start_mlflow_ui(settings, port)
