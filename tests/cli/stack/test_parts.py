"""The parts of the stack that decide something, without its servers."""

from __future__ import annotations

import signal
import ssl
import stat
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sgnn.cli.stack.certificates import ensure_certificates
from sgnn.cli.stack.keys import NAMES, ensure_keys
from sgnn.cli.stack.layout import Layout
from sgnn.cli.stack.ports import USUAL, choose
from sgnn.cli.stack.service import Service
from sgnn.cli.stack.services import stack_folder
from sgnn.cli.stack.supervisor import Supervisor, stop_order
from sgnn.credentials import TLS_FILES, credentials, tls_files
from sgnn.errors import ServiceError, SettingsError
from sgnn.settings import load_settings


@pytest.mark.usefixtures("home")
def test_ports_are_the_usual_ones_where_these_are_free_and_stay_what_they_were() -> None:
    free = lambda port: port != USUAL["prefect"]  # noqa: E731
    first = choose({}, USUAL, free, lambda: 40_000)
    assert first == {**USUAL, "prefect": 40_000}
    assert choose(first, USUAL, lambda _: True, lambda: 50_000) == first
    with pytest.raises(ServiceError, match=r"port 40000 of 127\.0\.0\.1, which prefect had before, is taken"):
        choose(first, USUAL, lambda port: port != 40_000, lambda: 50_000)


def test_keys_are_drawn_once_and_are_their_owners(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "stack")
    keys = ensure_keys(layout)
    assert set(keys) == set(NAMES)
    assert len(set(keys.values())) == len(NAMES)
    assert min(map(len, keys.values())) > 40
    assert ensure_keys(layout) == keys
    files = [*layout.secrets.iterdir(), *layout.client.iterdir()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_certificates_hold_for_loopback_and_are_kept_until_they_are_about_to_expire(tmp_path: Path) -> None:
    until = ensure_certificates(tmp_path)
    assert until - datetime.now(UTC) > timedelta(days=365)
    before = (tmp_path / TLS_FILES[1]).read_bytes()
    assert ensure_certificates(tmp_path) == until
    assert (tmp_path / TLS_FILES[1]).read_bytes() == before
    ensure_certificates(tmp_path, anew=True)
    assert (tmp_path / TLS_FILES[1]).read_bytes() != before
    context = ssl.create_default_context(cafile=str(tmp_path / TLS_FILES[0]))
    # raises where key and certificate do not belong together
    context.load_cert_chain(tmp_path / TLS_FILES[1], tmp_path / TLS_FILES[2])


def test_credentials_are_the_files_of_known_names_and_the_endpoint(tmp_path: Path) -> None:
    (tmp_path / "AWS_ACCESS_KEY_ID").write_text("me\n")
    (tmp_path / "PATH").write_text("/somewhere/else")
    settings = load_settings(secrets=tmp_path, store_endpoint="https://s3.example.org")
    assert credentials(settings) == {"AWS_ACCESS_KEY_ID": "me", "AWS_ENDPOINT_URL": "https://s3.example.org"}
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        credentials(load_settings(secrets=tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match="asks for a certificate, and there is none"):
        tls_files(settings)


def service(name: str, code: str, after: tuple[str, ...] = (), well: bool = True) -> Service:
    return Service(name, [sys.executable, "-c", code], lambda: well, after=after)


def test_services_are_ended_before_those_that_they_need() -> None:
    made = [service("c", "", ("b", "a")), service("a", ""), service("b", "", ("a",)), service("d", "", ("a",))]
    assert stop_order(made) == [["c"], ["b", "d"], ["a"]]


def test_a_service_that_cannot_start_ends_the_others_and_says_which(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    stack_folder(layout)
    sound = service("sound", "import time; time.sleep(60)")
    supervisor = Supervisor([sound, service("broken", "raise SystemExit(3)", ("sound",), well=False)], layout)
    assert supervisor.run() == 1
    assert supervisor.keepers["broken"].told.reason == "ended with status 3"
    process = supervisor.keepers["sound"].process
    assert process is not None
    assert process.returncode == -signal.SIGTERM


def test_a_service_that_does_not_heed_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sgnn.cli.stack.supervisor.STOP_SECONDS", 0.3)
    layout = Layout(tmp_path)
    stack_folder(layout)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
    supervisor = Supervisor([service("deaf", deaf)], layout)
    keeper = supervisor.keepers["deaf"]
    keeper.look(True)
    while "on" not in layout.log("deaf").read_text():
        time.sleep(0.02)
    supervisor.stop()
    assert keeper.process is not None
    assert keeper.process.returncode == -signal.SIGKILL
