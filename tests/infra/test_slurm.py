"""Job scripts, run dry: stand-ins for the programs of SLURM, and what comes of them parsed by the real command line."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from sgnn.cli.app import app
from sgnn.learning.launch import Launch
from sgnn.settings import load_settings

FOLDER = Path(__file__).parents[2] / "infra" / "slurm"
SCRIPTS = sorted(FOLDER.glob("*.sbatch"))
ALLOCATION = {
    "SLURM_JOB_ID": "4711",
    "SLURM_JOB_NUM_NODES": "2",
    "SLURM_JOB_NODELIST": "node[07-08]",
    "SLURM_GPUS_ON_NODE": "4",
    "SLURM_CPUS_PER_TASK": "32",
}
# `sgnn` says with what it was called, and, where it is told to stay, waits until it is asked to end
RECORDER = """#!{python}
import json, os, signal, sys, time
def end(*_):
    sys.exit(143)
signal.signal(signal.SIGTERM, end)
variables = {{name: value for name, value in os.environ.items() if name.startswith(("SGNN_", "OMP_"))}}
with open("called.json.new", "w") as file:
    json.dump({{"arguments": sys.argv[1:], "environment": variables}}, file)
os.rename("called.json.new", "called.json")
while os.environ.get("STAY"):
    time.sleep(0.05)
"""
SCONTROL = """#!/bin/sh
if [ "$1" = show ]; then printf 'node07\\nnode08\\n'; else echo "$@" >>requeued; fi
"""


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, str]:
    """An environment in which `sgnn` and `scontrol` are stand-ins."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in {"sgnn": RECORDER.format(python=sys.executable), "scontrol": SCONTROL}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "SGNN_HOME": str(tmp_path / "home"), **ALLOCATION}


def ran(script: str, *arguments: str, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What the script called."""
    done = subprocess.run(
        ["bash", str(FOLDER / script), *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    called: dict[str, Any] = json.loads((folder / "called.json").read_text())
    return called


def parsed(arguments: list[str]) -> str:
    """Name of the command that the arguments mean to the real command line."""
    command, context = get_command(app), None
    context = command.make_context("sgnn", list(arguments))
    while hasattr(context.command, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        _, found, rest = context.command.resolve_command(context, rest)
        assert found is not None
        context = found.make_context(found.name, rest, parent=context)
    return context.command_path


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_linter_of_shell_scripts_would_mend_nothing(script: Path) -> None:
    linter = str(Path(sys.executable).with_name("shellcheck"))
    done = subprocess.run([linter, str(script)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_corpus_is_built_by_jobs_that_the_settings_know(
    programs: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {**programs, "SGNN_WORKERS": "128", "SGNN_QUEUE": "short"}
    called = ran("corpus.sbatch", "covid", "--draws", "5000", folder=tmp_path, environment=environment)
    assert called["arguments"] == ["corpus", "build", "covid", "--draws", "5000"]
    assert parsed(called["arguments"]) == "sgnn corpus build"
    monkeypatch.chdir(tmp_path)
    for name, value in called["environment"].items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.cluster, settings.workers, settings.workers_min, settings.queue) == ("slurm", 128, 0, "short")
    assert settings.worker_memory == 2 * 2**30


def test_training_is_started_once_on_each_node_with_a_process_for_each_gpu(
    programs: dict[str, str], tmp_path: Path
) -> None:
    from torch.distributed.run import get_args_parser

    called = ran("pretrain.sbatch", "covid-full", folder=tmp_path, environment=programs)
    assert parsed(called["arguments"]) == "sgnn train"
    assert called["environment"]["OMP_NUM_THREADS"] == "8"
    command = Launch(launcher=called["environment"]["SGNN_LAUNCHER"]).command(tmp_path / "job.json")
    at = command.index("torchrun")
    assert command[0] == "srun"
    assert command[1:at] == shlex.split("--nodes 2 --ntasks 2 --ntasks-per-node 1 --kill-on-bad-exit=1")
    asked = get_args_parser().parse_args(command[at + 1 :])
    assert (asked.nnodes, asked.nproc_per_node, asked.rdzv_backend) == ("2", "4", "c10d")
    assert (asked.rdzv_endpoint, asked.rdzv_id) == ("node07:29500", "4711")
    assert (asked.module, asked.training_script) == (True, "sgnn.learning.process")
    assert asked.training_script_args == [str(tmp_path / "job.json")]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_job_whose_time_ends_stops_and_goes_into_the_queue_again(
    script: Path, programs: dict[str, str], tmp_path: Path
) -> None:
    process = subprocess.Popen(["bash", str(script), "covid"], cwd=tmp_path, env={**programs, "STAY": "1"})
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "called.json").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        # as `--signal=B:TERM` does: the script alone hears of it
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
    assert (tmp_path / "requeued").read_text() == "requeue 4711\n"
    assert "#SBATCH --signal=B:TERM@" in script.read_text()
    assert "#SBATCH --requeue" in script.read_text()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
@pytest.mark.parametrize("lacking", ["recipe", "home"])
def test_a_job_that_lacks_something_says_so_in_one_line(
    script: Path, lacking: str, programs: dict[str, str], tmp_path: Path
) -> None:
    environment = {name: value for name, value in programs.items() if lacking != "home" or name != "SGNN_HOME"}
    arguments = [] if lacking == "recipe" else ["covid"]
    done = subprocess.run(
        ["bash", str(script), *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith("usage: sbatch")
    assert len(done.stderr.splitlines()) == 1
    assert os.listdir(tmp_path) == ["bin"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_failure_of_the_command_is_the_jobs(script: Path, programs: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "bin" / "sgnn").write_text("#!/bin/sh\nexit 2\n")
    done = subprocess.run(["bash", str(script), "covid"], cwd=tmp_path, env=programs, capture_output=True)
    assert done.returncode == 2
    assert not (tmp_path / "requeued").exists()
