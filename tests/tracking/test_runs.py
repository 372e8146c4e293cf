"""Runs on a real database: what they keep, how they end, how they go on after a kill."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sgnn.settings import load_settings
from sgnn.tracking.connection import Tracking, open_tracking
from sgnn.tracking.runs import Run, attach_run, close_dead_runs, pipeline_run

KILLED_IN_A_STAGE = """
import os, signal, sys
from sgnn.settings import load_settings
from sgnn.tracking.connection import open_tracking
from sgnn.tracking.runs import pipeline_run
tracking = open_tracking(load_settings(home=sys.argv[1]))
with pipeline_run(tracking, "covid", "identity") as parent, parent.stage("pretrain") as stage:
    stage.log_curve("loss", [1, 2], [0.5, 0.4])
    stage.flush()
    print(parent.run_id, stage.run_id, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""

ONE_RUN = """
import sys
from sgnn.settings import load_settings
from sgnn.tracking.connection import open_tracking
from sgnn.tracking.runs import pipeline_run
with pipeline_run(open_tracking(load_settings(home=sys.argv[1])), "covid", sys.argv[2]) as run:
    run.log_metrics({"loss": 1.0})
"""


@pytest.fixture(scope="module")
def wreck(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A home folder in which a process was killed inside a stage, and the ids of its two runs."""
    home = tmp_path_factory.mktemp("wreck")
    shutil.copyfile(empty_database, home / "mlflow.db")
    done = subprocess.run(
        [sys.executable, "-c", KILLED_IN_A_STAGE, str(home)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    parent, stage = done.stdout.split()
    return home, parent, stage


@pytest.fixture
def killed(wreck: tuple[Path, str, str], tmp_path: Path) -> tuple[Tracking, str, str]:
    """A connection to a copy of that home, and the ids of the killed pipeline and stage."""
    home, parent, stage = wreck
    shutil.copytree(home, tmp_path / "home")
    return open_tracking(load_settings(home=tmp_path / "home")), parent, stage


def status(tracking: Tracking, run_id: str) -> str:
    return str(tracking.client.get_run(run_id).info.status)


def test_a_pipeline_is_a_parent_run_with_a_child_a_stage(tracking: Tracking) -> None:
    with pipeline_run(tracking, "covid", "identity", {"recipe_digest": "abc"}) as parent:
        with parent.stage("corpus") as corpus:
            assert status(tracking, corpus.run_id) == "RUNNING"
        with parent.stage("pretrain") as pretrain:
            pass
    children = tracking.client.search_runs(
        [tracking.experiment_id], filter_string=f"tags.`mlflow.parentRunId` = '{parent.run_id}'"
    )
    assert {run.info.run_id for run in children} == {corpus.run_id, pretrain.run_id}
    assert {run.info.run_name for run in children} == {"corpus", "pretrain"}
    assert {status(tracking, run.info.run_id) for run in children} == {"FINISHED"}
    assert status(tracking, parent.run_id) == "FINISHED"
    assert tracking.client.get_run(parent.run_id).data.tags["recipe_digest"] == "abc"
    assert not list(tracking.locks.glob("run-*"))


def test_a_run_keeps_parameters_curves_and_files(tracking: Tracking) -> None:
    from matplotlib.figure import Figure

    with pipeline_run(tracking, "covid", "identity") as run:
        run.log_parameters({"model": {"width": 256, "names": ["a", "b"]}, "long": "x" * 9000})
        run.log_parameters({"model": {"width": 512}})
        run.log_curve("loss", range(1500), [1 / (step + 1) for step in range(1500)])
        run.log_metrics({"loss": float("nan"), "seconds": 3.5}, 1500)
        run.log_figure(Figure(), "fan.png")
        run.log_json({"a": 1}, "facts.json")
    kept = tracking.client.get_run(run.run_id)
    assert kept.data.params["model.width"] == "256"
    assert kept.data.params["model.names"] == '["a", "b"]'
    assert len(kept.data.params["long"]) == 6000
    history = tracking.client.get_metric_history(run.run_id, "loss")
    assert [point.step for point in history] == list(range(1500))
    assert kept.data.metrics["seconds"] == 3.5
    files = {
        item.path
        for folder in ("", "figures", "environment")
        for item in tracking.client.list_artifacts(run.run_id, folder)
    }
    assert {"figures/fan.png", "facts.json", "environment/packages.txt"} <= files
    assert Path(kept.info.artifact_uri).is_relative_to(tracking.home / "artifacts")


def test_a_run_knows_its_code_and_its_packages(tracking: Tracking) -> None:
    with pipeline_run(tracking, "covid", "identity") as run:
        pass
    kept = tracking.client.get_run(run.run_id)
    assert len(kept.data.tags["sgnn.git_commit"]) == 40
    assert kept.data.tags["sgnn.git_dirty"] in ("true", "false")
    assert kept.data.params["python"] == ".".join(str(part) for part in sys.version_info[:3])
    packages = tracking.client.download_artifacts(run.run_id, "environment/packages.txt")
    assert "mlflow==3" in Path(packages).read_text(encoding="utf-8")


def test_a_benchmark_becomes_metrics_with_the_horizon_as_their_step(
    tracking: Tracking, benchmark: Callable[..., dict[str, Any]]
) -> None:
    with pipeline_run(tracking, "covid", "identity") as run:
        run.log_benchmark(benchmark(0.64))
    metrics = tracking.client.get_run(run.run_id).data.metrics
    assert metrics["real/relative_mae"] == 0.64
    assert metrics["real/coverage.90"] == 0.9
    assert metrics["real/alone/relative_mae"] == pytest.approx(0.74)
    points = tracking.client.get_metric_history(run.run_id, "real/by_horizon/relative_mae")
    assert [(point.step, point.value) for point in points] == [
        (1, pytest.approx(0.65)),
        (2, pytest.approx(0.66)),
        (3, pytest.approx(0.67)),
    ]


def test_an_error_fails_the_stage_and_its_pipeline_and_is_told(tracking: Tracking) -> None:
    opened: list[Run] = []
    with pytest.raises(ValueError, match="no weights"):
        _fail_in_a_stage(tracking, opened)
    for run in opened:
        assert status(tracking, run.run_id) == "FAILED"
        assert tracking.client.get_run(run.run_id).data.tags["sgnn.error"] == "ValueError: no weights"
    assert tracking.client.get_run(opened[1].run_id).data.metrics["loss"] == 1.0


def _fail_in_a_stage(tracking: Tracking, opened: list[Run]) -> None:
    with pipeline_run(tracking, "covid", "identity") as parent, parent.stage("pretrain") as stage:
        opened += [parent, stage]
        stage.log_metrics({"loss": 1.0})
        raise ValueError("no weights")


def test_an_interrupt_marks_the_run_as_killed(tracking: Tracking) -> None:
    with pytest.raises(KeyboardInterrupt), pipeline_run(tracking, "covid", "identity") as run:
        raise KeyboardInterrupt
    assert status(tracking, run.run_id) == "KILLED"


def test_a_pipeline_killed_and_started_again_is_one_run(killed: tuple[Tracking, str, str]) -> None:
    tracking, parent_id, stage_id = killed
    assert status(tracking, parent_id) == status(tracking, stage_id) == "RUNNING"
    with pipeline_run(tracking, "covid", "identity") as parent, parent.stage("pretrain") as stage:
        assert (parent.run_id, stage.run_id) == (parent_id, stage_id)
        assert status(tracking, parent_id) == status(tracking, stage_id) == "RUNNING"
        stage.log_curve("loss", [3], [0.3])
    assert status(tracking, parent_id) == status(tracking, stage_id) == "FINISHED"
    assert [point.step for point in tracking.client.get_metric_history(stage_id, "loss")] == [1, 2, 3]
    assert tracking.client.get_run(parent_id).data.tags["sgnn.resumed"] == "1"


def test_another_pipeline_marks_the_dead_one_as_killed_and_starts_its_own(killed: tuple[Tracking, str, str]) -> None:
    tracking, parent_id, stage_id = killed
    with pipeline_run(tracking, "covid-full", "another") as parent:
        assert parent.run_id != parent_id
    assert status(tracking, parent_id) == status(tracking, stage_id) == "KILLED"


def test_a_finished_pipeline_run_again_is_a_new_run(tracking: Tracking) -> None:
    with pipeline_run(tracking, "covid", "identity") as first:
        pass
    with pipeline_run(tracking, "covid", "identity") as second:
        pass
    assert first.run_id != second.run_id


def test_a_living_run_is_neither_closed_nor_taken_over(tracking: Tracking) -> None:
    with pipeline_run(tracking, "covid", "identity") as first:
        assert close_dead_runs(tracking) == ()
        with pipeline_run(tracking, "covid", "identity") as second:
            assert first.run_id != second.run_id
        assert status(tracking, first.run_id) == "RUNNING"


def test_a_run_of_another_machine_is_left_alone(tracking: Tracking) -> None:
    tags = {"sgnn.lock": "run-elsewhere", "sgnn.pipeline": "identity"}
    elsewhere = tracking.client.create_run(tracking.experiment_id, tags=tags).info.run_id
    with pipeline_run(tracking, "covid", "identity") as run:
        assert run.run_id != elsewhere
    assert status(tracking, elsewhere) == "RUNNING"


def test_threads_share_a_run_and_lose_no_point(tracking: Tracking) -> None:
    with pipeline_run(tracking, "covid", "identity") as run:

        def log(name: str) -> None:
            for step in range(300):
                run.log_metrics({name: float(step)}, step)

        threads = [threading.Thread(target=log, args=(f"curve{index}",)) for index in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for index in range(3):
        assert len(tracking.client.get_metric_history(run.run_id, f"curve{index}")) == 300


def test_an_attached_run_is_written_to_and_left_open(tracking: Tracking) -> None:
    with pipeline_run(tracking, "covid", "identity") as run:
        other = attach_run(tracking, run.run_id)
        other.log_metrics({"loss": 0.1}, 7)
        other.flush()
        assert status(tracking, run.run_id) == "RUNNING"
        assert tracking.client.get_run(run.run_id).data.metrics["loss"] == 0.1


def test_a_fresh_home_is_set_up_quietly_by_two_processes_at_once(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", ONE_RUN, str(tmp_path / "home"), identity],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=tmp_path,
        )
        for identity in ("one", "two")
    ]
    said = [process.communicate(timeout=120)[0] for process in started]
    assert said == [b"", b""]
    assert [process.returncode for process in started] == [0, 0]
    tracking = open_tracking(load_settings(home=tmp_path / "home"))
    assert len(tracking.client.search_runs([tracking.experiment_id])) == 2
    # nothing is left in the working folder
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
