"""New passwords: what an interrupted rotation leaves, and a live one after which nobody comes in with the old ones."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from sgnn.cli.entry import run
from sgnn.cli.stack import rotation
from sgnn.cli.stack.keys import NAMES, ensure_keys
from sgnn.cli.stack.layout import Layout
from sgnn.errors import ServiceError
from tests.cli.stack.conftest import Live


class Services:
    """Stand-ins that know one password each, until they are told another."""

    def __init__(self, keys: dict[str, str]) -> None:
        self.known = {"postgres": keys["postgres-admin"], "admin": keys["mlflow-admin"], "sgnn": keys["mlflow-sgnn"]}
        self.fails = ""

    def tell_postgres(self, port: int, old: str, new: str) -> None:
        assert port == 5
        assert self.known["postgres"] in (old, new)
        self.known["postgres"] = new

    def ask(self, address: str, method: str, what: str, password: str, body: dict[str, str]) -> None:
        assert (address, method, what) == ("http://127.0.0.1:6", "PATCH", "update-password")
        if password != self.known["admin"]:
            raise OSError("401")
        if body["username"] == self.fails:
            self.fails = ""
            raise OSError("the network is gone")
        self.known[body["username"]] = body["password"]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "stack")
    ensure_keys(made)
    made.ports.write_text('{"postgres": 5, "mlflow": 6}')
    return made


def keys_of(layout: Layout) -> dict[str, str]:
    return {name: (layout.secrets / name).read_text() for name in NAMES}


@pytest.mark.parametrize("fails", ["", "sgnn", "admin"])
def test_every_password_is_another_one_afterwards_however_often_it_was_interrupted(
    layout: Layout, fails: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keys_of(layout)
    services = Services(before)
    services.fails = fails
    monkeypatch.setattr(rotation, "_tell_postgres", services.tell_postgres)
    monkeypatch.setattr(rotation, "ask_mlflow", services.ask)
    if fails:
        with pytest.raises(ServiceError, match="rotate again"):
            rotation.rotate(layout)
        assert keys_of(layout) == before
    rotation.rotate(layout)
    after = keys_of(layout)
    assert not set(before.values()) & set(after.values())
    expected = {"postgres": after["postgres-admin"], "admin": after["mlflow-admin"], "sgnn": after["mlflow-sgnn"]}
    assert services.known == expected
    assert (layout.client / "MLFLOW_TRACKING_PASSWORD").read_text() == after["mlflow-sgnn"]
    assert sorted(file.name for file in layout.secrets.iterdir()) == sorted(NAMES)
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in layout.secrets.iterdir())


def test_one_that_stopped_after_the_last_service_was_told_is_finished(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = Services(keys_of(layout))
    monkeypatch.setattr(rotation, "_tell_postgres", services.tell_postgres)
    monkeypatch.setattr(rotation, "ask_mlflow", services.ask)
    drawn = {name: rotation._drawn(layout, name) for name in NAMES}
    services.known = {"postgres": drawn["postgres-admin"], "admin": drawn["mlflow-admin"], "sgnn": "old"}
    rotation.rotate(layout)
    assert keys_of(layout) == drawn
    assert services.known["sgnn"] == drawn["mlflow-sgnn"]


def test_where_no_stack_runs_nothing_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SGNN_HOME", str(tmp_path / "home"))
    assert run(["stack", "rotate"]) == 2
    assert "no stack runs" in capfd.readouterr().err
    assert not (tmp_path / "home").exists()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_after_a_rotation_old_passwords_open_nothing_and_new_ones_everything(live: Live) -> None:
    before = keys_of(live.layout)
    authority = (live.layout.client / "dask-ca.pem").read_text()
    told = live.json("stack", "rotate", user=False)
    assert told["passwords"] == list(NAMES)
    after = keys_of(live.layout)
    assert not set(before.values()) & set(after.values())
    assert (live.layout.client / "dask-ca.pem").read_text() != authority
    port = int(live.services()["postgres"]["address"].rpartition(":")[2])
    for user, name in (("postgres", "postgres-admin"), ("prefect", "postgres-prefect"), ("mlflow", "postgres-mlflow")):
        database = "postgres" if user == "postgres" else user
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(host="127.0.0.1", port=port, user=user, password=before[name], dbname=database)
        psycopg.connect(host="127.0.0.1", port=port, user=user, password=after[name], dbname=database).close()
    # as a user of the stack, with what lies in the folder now
    assert live.json("stack", "status")["well"]
    assert "models" in live.json("models", "list")
    assert "schedules" in live.json("schedules", "list")
    # and once more, for the administrators' own new passwords
    live.json("stack", "rotate", user=False)
    assert "models" in live.json("models", "list")
