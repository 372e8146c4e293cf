"""What every test stands on: a home folder of its own, no settings of the caller, no telemetry."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from sgnn.settings import FILE_VARIABLE, OWN_NAMES, SETTINGS_FILE, Settings, environment_name

# a script that runs the tests in its background makes them, and what they start, deaf to interrupts
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# how long an example takes says how busy the machine is
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

TELEMETRY_OFF = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}
# real data are read where the caller says they are, in tests too
KEPT = {"data_mirror"}


@pytest.fixture(scope="session", autouse=True)
def _own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No setting of the caller reaches a test; what a test forgets to place lands in a temporary home."""
    with pytest.MonkeyPatch.context() as patch:
        for field in set(Settings.model_fields) - KEPT:
            patch.delenv(environment_name(field), raising=False)
        patch.delenv(FILE_VARIABLE, raising=False)
        mirror = os.environ.get(environment_name("data_mirror"))
        if mirror:
            patch.setenv(environment_name("data_mirror"), os.path.abspath(mirror))
        # hundreds of processes are started: each would compile all modules of this package anew
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        for name, value in TELEMETRY_OFF.items():
            patch.setenv(name, value)
        patch.setenv("SGNN_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh home folder, set by the environment; the working folder is empty, with no `sgnn.toml` in it."""
    folder = tmp_path / "home"
    work = tmp_path / "work"
    work.mkdir()
    assert not (work / SETTINGS_FILE).exists()
    monkeypatch.chdir(work)
    monkeypatch.setenv("SGNN_HOME", str(folder))
    for field in OWN_NAMES:
        monkeypatch.delenv(environment_name(field), raising=False)
    return folder
