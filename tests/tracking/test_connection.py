"""Connecting: to a database that is made, or to a server that may not be there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sgnn.errors import ServiceError
from sgnn.settings import Settings, load_settings
from sgnn.tracking.connection import database_file, open_tracking, tracking_uri
from sgnn.tracking.runs import pipeline_run


def test_without_settings_the_database_and_files_lie_in_the_home_folder(settings: Settings) -> None:
    assert database_file(tracking_uri(settings)) == settings.home / "mlflow.db"
    tracking = open_tracking(settings)
    experiment = tracking.client.get_experiment(tracking.experiment_id)
    assert Path(experiment.artifact_location) == settings.home / "artifacts"
    assert open_tracking(settings).experiment_id == tracking.experiment_id


def test_a_server_that_is_not_there_is_one_clear_line(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(ServiceError, match=f"MLflow at {uri} cannot be used.*MLFLOW_TRACKING_URI"):
        open_tracking(load_settings(home=settings.home))


def test_whoever_only_looks_is_told_soon_that_a_server_is_away_and_a_run_waits_for_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
    monkeypatch.delenv(variable, raising=False)
    tracking = open_tracking(settings)
    monkeypatch.setenv(variable, few := os.environ[variable])
    with pipeline_run(tracking, "patient", "patient"):
        # each wait is twice the one before
        assert int(os.environ[variable]) >= int(few) + 4
    assert os.environ[variable] == few
    monkeypatch.setenv(variable, "1")
    with pipeline_run(tracking, "patient", "patient"):
        assert os.environ[variable] == "1"


def test_a_file_that_is_no_database_is_one_clear_line(settings: Settings) -> None:
    (settings.home / "mlflow.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(ServiceError, match="cannot be used"):
        open_tracking(settings)


def test_mlflow_sends_nothing_home(tmp_path: Path) -> None:
    code = (
        "import sgnn.tracking.connection; from mlflow.telemetry.client import get_telemetry_client;"
        "import sys; sys.exit(get_telemetry_client() is not None)"
    )
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", code], env=bare, check=False).returncode == 0
