"""Companions: a process group that answers once, fails in words, and never outlives its starter."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from flows.companion import companion
from sgnn.errors import DataError, ServiceError
from sgnn.settings import Settings, load_settings

MODULE = """
import os, subprocess, sys, time
from flows.companion import serve
from sgnn.errors import DataError
from sgnn.settings import load_settings

def work(question):
    print("libraries print as they like")
    match question["do"]:
        case "add":
            return {"sum": sum(question["numbers"]), "home": str(load_settings().home)}
        case "refuse":
            raise DataError("data.csv: row 3 is text", remedy="write a number")
        case "die":
            os._exit(7)
        case "break":
            raise ZeroDivisionError("nobody foresaw this")
        case "start others":
            child = subprocess.Popen(["sleep", "60"])
            open(question["file"], "w").write(f"{os.getpid()} {child.pid}")
            time.sleep(60)

serve(work)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "worked_example.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "worked_example"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "its home")


def ask(module: str, question: dict[str, object], settings: Settings) -> object:
    with companion(module, question, settings, settings.home / "log") as process:
        return process.answer()


def wait_for(file: Path) -> list[psutil.Process]:
    deadline = time.monotonic() + 120
    while not (file.exists() and len(file.read_text().split()) == 2):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return [psutil.Process(int(pid)) for pid in file.read_text().split()]


def test_a_companion_answers_with_the_settings_of_its_starter(module: str, settings: Settings) -> None:
    answer = ask(module, {"do": "add", "numbers": [1, 2, 3]}, settings)
    assert answer == {"sum": 6, "home": str(settings.home)}
    assert "libraries print" in (settings.home / "log").read_text()


def test_an_error_that_a_user_can_mend_arrives_as_what_it_was(module: str, settings: Settings) -> None:
    with pytest.raises(DataError, match=r"^data.csv: row 3 is text; write a number$"):
        ask(module, {"do": "refuse"}, settings)


@pytest.mark.parametrize(("do", "status"), [("die", 7), ("break", 1)])
def test_a_companion_that_ends_without_an_answer_says_where_its_log_is(
    module: str, settings: Settings, do: str, status: int
) -> None:
    with pytest.raises(ServiceError, match=rf"without an answer \(status {status}\); see {settings.home}/log"):
        ask(module, {"do": do}, settings)
    if do == "break":
        assert "nobody foresaw this" in (settings.home / "log").read_text()


def test_leaving_the_block_ends_a_companion_and_all_it_started(module: str, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "pids"
    with companion(module, {"do": "start others", "file": str(file)}, settings, tmp_path / "log"):
        both = wait_for(file)
    _, alive = psutil.wait_procs(both, timeout=30)
    assert not alive


@pytest.fixture
def starter(module: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    code = (
        "from pathlib import Path; from flows.companion import companion; from sgnn.settings import load_settings\n"
        f"question = {{'do': 'start others', 'file': {str(tmp_path / 'pids')!r}}}\n"
        f"with companion({module!r}, question, load_settings(), Path({str(tmp_path / 'log')!r})) as process:\n"
        "    process.answer()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"SGNN_HOME": str(tmp_path)})
    yield process
    process.kill()
    process.wait()


def test_a_companion_and_all_it_started_end_with_a_killed_starter(
    starter: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    both = wait_for(tmp_path / "pids")
    starter.kill()
    starter.wait()
    _, alive = psutil.wait_procs(both, timeout=30)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
