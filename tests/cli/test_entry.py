from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sgnn import __version__
from sgnn.cli.entry import run

HEAVY = {"torch", "mlflow", "prefect", "pytorch_lightning", "distributed", "matplotlib", "numba", "pandas", "xarray"}


def sgnn(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "sgnn.cli", *arguments], capture_output=True, text=True, timeout=60)


def seconds_of_children() -> float:
    """Processor time of the processes that have ended; wall time would be that of a busy machine as well."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_answers_within_a_second_of_work_and_lists_the_commands() -> None:
    seconds = []
    for _ in range(3):
        before = seconds_of_children()
        answer = sgnn("--help")
        seconds.append(seconds_of_children() - before)
    assert min(seconds) < 1.0
    assert answer.returncode == 0
    listed = answer.stdout.split("Commands:")[1].split()
    commands = ["run", "corpus", "train", "benchmark", "forecast", "models", "simulators", "recipes", "ui", "doctor"]
    assert {*commands, "bench"} <= set(listed)


def test_the_command_tree_imports_nothing_heavy() -> None:
    code = "import sys, sgnn.cli.app; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY & set(loaded) == set()


def test_the_version_is_the_one_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"sgnn {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["run"], "Missing argument 'RECIPE'"),
        (["run", "covid", "--huge"], "No such option: --huge"),
        (["forecast", "covid", "data.csv", "--horizon", "few", "-o", "out.csv"], "Invalid value for '--horizon'"),
    ],
)
@pytest.mark.usefixtures("home")
def test_a_wrong_command_line_is_one_line_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"error: {said}")
    assert captured.err.count("\n") == 1


def test_bad_settings_stop_a_command_with_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SGNN_WORKERS", "many")
    assert run(["corpus", "list"]) == 2
    assert capsys.readouterr().err.startswith("error: SGNN_WORKERS is 'many'")
    assert not home.exists()


@pytest.mark.parametrize(
    ("number", "on_the_way_out", "status"),
    [(signal.SIGINT, "pass", 130), (signal.SIGTERM, "pass", 143), (signal.SIGTERM, "raise KeyboardInterrupt", 143)],
)
def test_an_interrupted_command_says_so_in_one_line_and_by_its_status(
    number: signal.Signals, on_the_way_out: str, status: int
) -> None:
    code = (
        "import time, sys\n"
        "from sgnn.cli import app, entry\n"
        "@app.app.command('wait')\n"
        "def wait() -> None:\n"
        "    print('waiting', flush=True)\n"
        "    try:\n"
        "        time.sleep(60)\n"
        "    finally:\n"
        f"        {on_the_way_out}\n"
        "sys.exit(entry.run(['wait']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == status
    assert errors.startswith("error: stopped")
    assert errors.count("\n") == 1
