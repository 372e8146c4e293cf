"""The local Prefect server: it starts, answers, and never outlives its starter."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from flows.server import HOST, Server, start_prefect_server
from sgnn.errors import ServiceError
from sgnn.settings import load_settings

STARTER = """
import sys, time
from flows.server import start_prefect_server
from sgnn.settings import load_settings
server = start_prefect_server(load_settings())
print(server.process.pid, flush=True)
{then}
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        # a process that has ended but was not yet waited for counts as ended
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def start_elsewhere(home: Path, then: str = "") -> tuple[subprocess.Popen[str], int]:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER.format(then=then)],
        env=os.environ | {"SGNN_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    return starter, int(starter.stdout.readline())


def close(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=60)


def test_a_started_server_answers_at_its_address_and_listens_on_the_loopback_alone(server: Server) -> None:
    assert server.address.startswith(f"http://{HOST}:")
    with urllib.request.urlopen(f"{server.api_url}/health", timeout=10) as answer:
        assert answer.read() == b"true"


def test_the_page_of_a_started_server_shows_no_promotion_and_sends_no_analytics(server: Server) -> None:
    with urllib.request.urlopen(f"{server.api_url}/admin/settings", timeout=10) as answer:
        told = answer.read().decode()
    assert '"analytics_enabled":false' in told
    assert '"show_promotional_content":false' in told


def test_a_server_that_is_still_starting_ends_at_once_when_stopped(home: Path) -> None:
    server = start_prefect_server(load_settings())
    assert server.process is not None
    server.stop()
    assert server.process.returncode is not None
    assert (home / "prefect" / "server.log").exists()


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_with_its_starter_however_that_one_ends(home: Path, ending: signal.Signals) -> None:
    starter, pid = start_elsewhere(home)
    assert is_running(pid)
    starter.send_signal(ending)
    close(starter)
    assert ends_within(pid, 30)


def test_a_server_ends_with_its_starter_even_where_children_of_the_starter_live_on(home: Path) -> None:
    child = "import subprocess; print(subprocess.Popen(['sleep', '30'], stdout=subprocess.DEVNULL).pid, flush=True)"
    starter, pid = start_elsewhere(home, child)
    assert starter.stdout is not None
    sleeper = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    try:
        assert ends_within(pid, 30)
    finally:
        os.kill(sleeper, signal.SIGKILL)
        close(starter)


@pytest.mark.usefixtures("home")
def test_a_wanted_port_that_is_taken_is_said_in_one_line() -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port} of {HOST} is taken.*choose another port"):
            start_prefect_server(load_settings(), port)


@pytest.mark.usefixtures("home")
def test_without_a_wanted_port_a_taken_usual_port_is_stepped_around(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        monkeypatch.setattr("flows.server.USUAL_PORT", other.getsockname()[1])
        server = start_prefect_server(load_settings())
        server.stop()
        assert server.address != f"http://{HOST}:{other.getsockname()[1]}"


def test_a_configured_server_is_used_and_left_running(server: Server) -> None:
    named = start_prefect_server(load_settings(prefect_api_url=server.api_url))
    assert named.process is None
    assert named.wait().api_url == server.api_url
    named.stop()
    assert server.wait() is server


@pytest.mark.usefixtures("home")
def test_a_configured_server_that_does_not_answer_is_said_in_one_line() -> None:
    named = start_prefect_server(load_settings(prefect_api_url=f"http://{HOST}:9/api"))
    with pytest.raises(
        ServiceError, match=r"no Prefect server answers at http://127.0.0.1:9/api.*unset PREFECT_API_URL"
    ):
        named.wait()


def test_a_server_that_cannot_start_gives_the_reason_from_its_log(home: Path) -> None:
    folder = home / "prefect"
    folder.mkdir(parents=True)
    (folder / "prefect.db").write_text("this is not a database")
    with pytest.raises(ServiceError, match=r"did not start: .*not a database.*server\.log"):
        start_prefect_server(load_settings()).wait()
