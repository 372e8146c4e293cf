"""The stack, live: a recipe through PostgreSQL, the object store, the scheduler and MLflow; doors; deaths; an end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from sgnn.cli.stack.ports import any_free_port
from sgnn.cli.stack.postgres import binaries
from tests.cli.stack.conftest import Live, forecast

# servers with all their processes, on a machine that may be busy
pytestmark = pytest.mark.timeout(1500)

RECIPE = "slow-walks"


@pytest.fixture(scope="module")
def released(live: Live) -> dict[str, Any]:
    """What a run of the toy recipe against the stack ended with."""
    return live.json("run", RECIPE, "--tiny")


def rows(live: Live, database: str, user: str, query: str) -> list[tuple[Any, ...]]:
    port = int(live.services()["postgres"]["address"].rpartition(":")[2])
    password = (live.layout.secrets / f"postgres-{user}").read_text()
    with psycopg.connect(host="127.0.0.1", port=port, user=user, password=password, dbname=database) as connection:
        return connection.execute(query).fetchall()


def objects(live: Live) -> set[str]:
    bucket = live.layout.objects / "sgnn"
    files = (file.relative_to(bucket) for file in bucket.rglob("*") if file.is_file())
    return {str(file) for file in files if not file.parts[0].startswith(".nanio")}


@pytest.mark.long
def test_a_run_leaves_its_rows_in_postgresql_and_its_objects_in_the_bucket(
    live: Live, released: dict[str, Any]
) -> None:
    assert released["simulated"] > 0
    flows = rows(live, "prefect", "prefect", "SELECT name, state_type FROM flow_run")
    assert {state for _, state in flows} == {"COMPLETED"}
    assert {name.split()[0] for name, _ in flows} == {"pipeline", "corpus", "pretrain", "benchmark", "release"}
    versions = rows(live, "mlflow", "mlflow", "SELECT name, version FROM model_versions")
    assert versions == [(released["model"], released["version"])]
    [(finished,)] = rows(live, "mlflow", "mlflow", "SELECT count(*) FROM runs WHERE status = 'FINISHED'")
    assert finished == 5
    found = objects(live)
    assert any(name.startswith("corpora/") and "/corpus.zarr/" in name for name in found)
    assert any(name.startswith("mlflow/") and name.endswith("model.safetensors") for name in found)
    # nothing was kept beside the servers
    assert not (live.home / "mlflow.db").exists()
    assert not (live.home / "corpora").exists()


@pytest.mark.long
def test_the_same_recipe_again_does_nothing_and_models_answer_from_the_servers(
    live: Live, released: dict[str, Any]
) -> None:
    assert live.json("run", RECIPE, "--tiny") == {**released, "simulated": 0}
    [model] = live.json("models", "list")["models"]
    assert model["lineage"]["corpus_digest"] == released["corpus"]
    assert live.json("corpus", "verify", model["lineage"]["corpus_name"])["sound"]


@pytest.mark.long
def test_the_api_waits_for_a_model_and_serves_it_once_it_is_released(live: Live, released: dict[str, Any]) -> None:
    address = live.services()["serve"]["address"]

    def version() -> str | None:
        with urllib.request.urlopen(f"{address}/v1/models", timeout=60) as answer:
            [model] = json.load(answer)
        assert model["name"] == released["model"]
        found: str | None = model["version"]
        return found

    deadline = time.monotonic() + 60
    while version() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    assert version() == f"{released['model']}/{released['version']}"


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("prefect", "/api/flows/count"),
        ("mlflow", "/api/2.0/mlflow/experiments/search?max_results=5"),
        ("objects", "/sgnn"),
    ],
)
def test_a_service_answers_nobody_without_a_password(live: Live, service: str, path: str) -> None:
    method = "POST" if service == "prefect" else "GET"
    request = urllib.request.Request(live.services()[service]["address"] + path, method=method)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value:
        assert refused.value.code in (401, 403)


def test_the_scheduler_speaks_with_nobody_who_has_no_certificate(live: Live) -> None:
    port = int(live.services()["scheduler"]["address"].rpartition(":")[2])
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), 10) as plain, trusting.wrap_socket(plain) as encrypted:
        encrypted.settimeout(10)
        with pytest.raises(ssl.SSLError, match="certificate required"):
            encrypted.recv(1)


def test_an_owner_of_one_database_enters_no_other(live: Live) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        rows(live, "mlflow", "prefect", "SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        rows(live, "prefect", "mlflow", "SELECT 1")
    [(rights,)] = rows(
        live, "prefect", "prefect", "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = 'prefect'"
    )
    assert not rights


def doors(pid: int) -> list[tuple[str, str]]:
    """Addresses at which a process and those that it started listen, each with its command."""
    found = []
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        # one that asks and is answered is gone in a moment
        with suppress(psutil.NoSuchProcess):
            command = " ".join(process.cmdline()[:4])
            listening = [one for one in process.net_connections() if one.status == psutil.CONN_LISTEN]
            found += [(one.laddr.ip, command) for one in listening]
    return found


def test_nothing_listens_beyond_loopback(live: Live) -> None:
    found = [door for service in live.services().values() for door in doors(service["pid"])]
    assert len(found) >= len(live.services())
    assert [(address, command) for address, command in found if address != "127.0.0.1"] == []


def test_passwords_lie_in_files_of_their_owner_and_nowhere_else(live: Live) -> None:
    folders = (live.layout.secrets, live.layout.client)
    for folder in folders:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    keys = [file.read_bytes() for file in live.layout.secrets.iterdir() if file.suffix == ""]
    files = [file for file in live.home.rglob("*") if file.is_file() and file.parent not in folders]
    assert [str(file) for file in files if any(key in file.read_bytes() for key in keys)] == []
    # nor on a command line, which everybody on the machine sees
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert [line for line in lines if any(key.decode() in line for key in keys)] == []


@pytest.mark.long
def test_after_a_run_no_password_is_in_databases_objects_logs_or_reports(live: Live, released: dict[str, Any]) -> None:
    assert Path(released["report"]).is_file()
    keys = [file.read_bytes() for file in live.layout.secrets.iterdir() if file.suffix == ""]
    port = live.services()["postgres"]["address"].rpartition(":")[2]
    for database in ("prefect", "mlflow", "mlflow_auth"):
        # rows are compressed in the files that were looked through before
        dump = subprocess.run(
            [str(binaries() / "pg_dump"), "--host", "127.0.0.1", "--port", port, "--username", "postgres", database],
            env={"PGPASSWORD": (live.layout.secrets / "postgres-admin").read_text()},
            capture_output=True,
            check=True,
        ).stdout
        assert b"COPY" in dump
        assert not any(key in dump for key in keys)
    folders = (live.layout.secrets, live.layout.client)
    files = [file for file in live.home.rglob("*") if file.is_file() and file.parent not in folders]
    assert {"report.html", "mlflow.log", "layout.json", "MLmodel"} <= {file.name for file in files}
    assert [str(file) for file in files if any(key in file.read_bytes() for key in keys)] == []


@pytest.mark.long
def test_the_same_recipe_runs_embedded_and_makes_the_same_corpus(
    live: Live, released: dict[str, Any], tmp_path: Path
) -> None:
    assert released["simulated"] > 0
    embedded = live.sgnn("corpus", "build", RECIPE, "--tiny", "--json", user=False, SGNN_HOME=str(tmp_path))
    content = [line for line in embedded.splitlines() if "content_digest" in line]
    [model] = live.json("models", "list")["models"]
    assert model["lineage"]["corpus_content_digest"] in content[0]


@pytest.mark.long
def test_a_model_is_traced_to_its_last_digest_and_made_again_byte_by_byte(live: Live, released: dict[str, Any]) -> None:
    model = f"{released['model']}/{released['version']}"
    lineage = live.json("models", "lineage", model)
    assert lineage["corpus"]["digest"] == released["corpus"]
    assert re.fullmatch("[0-9a-f]{64}", lineage["packages"]["sha256"])
    assert len(lineage["runs"]) == 2
    again = live.json("models", "reproduce", model)
    assert again["weights"] == again["weights_now"] == lineage["digest"]
    assert again["corpus"] == again["corpus_now"] == lineage["corpus"]["content_digest"]
    assert again["same"]
    # all of it was made apart, and nothing of it is left
    assert list(live.home.glob("reproduced-*")) == []


def test_a_service_that_is_killed_is_started_again(live: Live) -> None:
    before = live.services()["objects"]
    os.kill(before["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        now = live.services()["objects"]
        if now["restarts"] == before["restarts"] + 1 and now["state"] == "runs":
            break
        time.sleep(0.1)
    assert now["pid"] not in (0, before["pid"])
    # it is asked again
    assert "corpora" in live.json("corpus", "list")


@pytest.mark.long
def test_up_and_down_again_take_seconds_and_lose_nothing(live: Live, released: dict[str, Any]) -> None:
    kept, services = objects(live), live.services()
    # up, where it is up, starts nothing
    assert live.json("stack", "up")["services"] == services
    down = live.json("stack", "down")
    assert down["seconds"] <= 15
    for service in services.values():
        assert not psutil.pid_exists(service["pid"])
    assert "no stack runs" in live.sgnn("stack", "down", status=2)
    port = int(services["mlflow"]["address"].rpartition(":")[2])
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 1):
        pass
    up = live.json("stack", "up")
    assert {name: one["address"] for name, one in up["services"].items()} == {
        name: one["address"] for name, one in services.items()
    }
    assert objects(live) == kept
    assert live.json("run", RECIPE, "--tiny") == {**released, "simulated": 0}
    flows = rows(live, "prefect", "prefect", "SELECT name FROM flow_run")
    assert len(flows) == 5


@contextmanager
def served(stack: Live, model: str) -> Iterator[int]:
    """Port of a server of a model, with what the stack's registry has."""
    port = any_free_port()
    log = stack.home / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sgnn.cli", "serve", model, "--port", str(port)],
            env={**stack.environment, "SGNN_SETTINGS": str(stack.layout.settings)},
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 120
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def answered(stack: Live, model: str) -> bytes:
    """What a served model says of a series."""
    with served(stack, model) as port:
        return forecast(f"http://127.0.0.1:{port}", model)


@pytest.mark.long
def test_on_an_empty_machine_a_backup_serves_the_same_model_with_the_same_bytes(
    live: Live, released: dict[str, Any]
) -> None:
    before = answered(live, released["model"])
    assert json.loads(before)["model"] == f"{released['model']}/{released['version']}"
    backup = live.home.parent / "backup"
    live.sgnn("stack", "backup", str(backup), user=False)
    # what is restored has the same ports
    live.sgnn("stack", "down", user=False)
    home = live.home.parent / "empty"
    home.mkdir()
    restored = Live(home, {**live.environment, "SGNN_HOME": str(home)})
    restored.sgnn("stack", "restore", str(backup), user=False)
    restored.sgnn("stack", "up", user=False)
    try:
        assert answered(restored, released["model"]) == before
        [model] = restored.json("models", "list")["models"]
        assert model["lineage"]["corpus_digest"] == released["corpus"]
        assert restored.json("corpus", "verify", model["lineage"]["corpus_name"])["sound"]
    finally:
        restored.sgnn("stack", "down", user=False)
