from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from sgnn.cli.doctor import State, examine
from sgnn.cli.doctor.check import Check
from sgnn.cli.doctor.configured import check_settings, hide_password
from sgnn.cli.doctor.installed import check_package, read_lock
from sgnn.cli.doctor.reachable import answers, check_folder, check_services
from sgnn.cli.entry import run
from sgnn.settings import load_settings

pytestmark = pytest.mark.usefixtures("home")


def named(checks: list[Check], name: str) -> Check:
    return next(check for check in checks if check.name == name)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("found", "pin", "state", "said"),
    [
        ("2.4.6", "2.4.6", State.OK, "2.4.6"),
        ("2.4.6+cpu", "2.4.6", State.OK, "2.4.6+cpu"),
        ("2.4.6", None, State.OK, "2.4.6"),
        ("2.5.0", "2.4.6", State.NOTE, "2.5.0, the lock has 2.4.6"),
        ("1.9", "2.4.6", State.BROKEN, "1.9, needs >=2.2"),
        (None, "2.4.6", State.BROKEN, "missing"),
    ],
)
def test_a_package_is_held_against_its_range_and_the_lock(
    found: str | None, pin: str | None, state: State, said: str
) -> None:
    check = check_package(Requirement("numpy>=2.2"), found, pin)
    assert (check.state, check.found) == (state, said)
    assert bool(check.remedy) == (state is not State.OK)


def test_a_lock_is_read_without_its_comments(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("# made by hand\nNumPy==2.4.6\n    # via xarray==1\ntorch==2.13.0 ; python_version > '3'\n")
    assert read_lock(lock) == {"numpy": "2.4.6", "torch": "2.13.0"}
    assert read_lock(tmp_path / "none") == {}


def test_each_setting_is_told_with_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sgnn.toml").write_text("workers = 3\n")
    monkeypatch.setenv("PREFECT_API_URL", "http://me:secret@127.0.0.1:4200/api")
    checks = check_settings(load_settings())
    assert named(checks, "workers").found == "3   (sgnn.toml)"
    assert named(checks, "cluster").found == "local   (default)"
    assert named(checks, "home").found.endswith("(SGNN_HOME)")
    assert named(checks, "prefect_api_url").found == "http://me:***@127.0.0.1:4200/api   (PREFECT_API_URL)"


def test_a_variable_that_is_no_setting_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGNN_WORKER", "3")
    check = named(check_settings(load_settings()), "SGNN_WORKER")
    assert (check.state, check.remedy) == (State.NOTE, "did you mean SGNN_WORKERS?")


@pytest.mark.parametrize(
    ("shown", "value"),
    [
        ("postgresql://me:***@host:5432/mlflow", "postgresql://me:secret@host:5432/mlflow"),
        ("sqlite:////data/mlflow.db", "sqlite:////data/mlflow.db"),
        ("/plain/folder", "/plain/folder"),
    ],
)
def test_a_password_is_never_shown(shown: str, value: str) -> None:
    assert hide_password(value) == shown


def test_services_that_do_not_answer_are_named_with_their_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    port = unused_port()
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{port}/api")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("SGNN_DASK_SCHEDULER", f"tcp://127.0.0.1:{port}")
    monkeypatch.setenv("SGNN_DATA_MIRROR", "/no/such/folder")
    monkeypatch.setenv("SGNN_STORE", "s3://bucket/corpora")
    checks = check_services(load_settings())
    for name in ("prefect", "mlflow", "dask", "real data", "store"):
        check = named(checks, name)
        assert check.state is State.BROKEN, name
        assert check.remedy


def test_with_nothing_set_and_a_mirror_nothing_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGNN_DATA_MIRROR", str(tmp_path))
    checks = examine()
    assert [check for check in checks if check.state is State.BROKEN] == []
    assert {"python", "torch", "home", "cores", "kernel cache", "dask"} <= {check.name for check in checks}


def test_the_files_of_each_real_benchmark_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sgnn.evaluation.protocol import find_protocol

    monkeypatch.setenv("SGNN_DATA_MIRROR", str(tmp_path))
    check = named(check_services(load_settings()), "data of covid-68w8h")
    assert check.state is State.NOTE
    for file in find_protocol("covid-68w8h").files:
        assert file.place in check.found
        (tmp_path / file.place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.place).touch()
    assert named(check_services(load_settings()), "data of covid-68w8h").state is State.OK


def test_looking_makes_no_folder(home: Path) -> None:
    examine()
    assert not home.exists()


@pytest.mark.parametrize("below", ["a file", "/proc"])
def test_a_home_that_cannot_be_written_is_broken(tmp_path: Path, below: str) -> None:
    (tmp_path / "a file").touch()
    check = check_folder("home", tmp_path / below / "here", "SGNN_HOME")
    assert (check.state, check.remedy) == (State.BROKEN, "set SGNN_HOME to a folder of yours")
    assert " cannot be written: " in check.found


def test_a_folder_that_is_not_there_yet_is_judged_by_the_one_above(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    assert check_folder("home", place / "not" / "yet", "SGNN_HOME").state is State.OK
    assert list(place.iterdir()) == []


def test_an_address_that_is_none_is_a_reason_and_no_traceback() -> None:
    assert "unknown url type" in (answers("not an address") or "")


def test_broken_settings_are_a_finding_and_give_status_1(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SGNN_WORKERS", "many")
    assert run(["doctor", "--json"]) == 1
    answer = json.loads(capfd.readouterr().out)
    assert answer["healthy"] is False
    (broken,) = [check for check in answer["checks"] if check["state"] == "broken"]
    assert broken["found"].startswith("SGNN_WORKERS is 'many'")


def test_a_problem_stands_below_the_table_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SGNN_DATA_MIRROR", "/no/such/folder")
    assert run(["doctor"]) == 1
    printed = capfd.readouterr().out
    assert "broken: real data: /no/such/folder is no folder; set SGNN_DATA_MIRROR to the folder that holds" in printed
    assert printed.endswith("a run would fail: mend what is broken\n")
