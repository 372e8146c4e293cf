"""Training in real processes: killed, started by several ranks, or both, it shows the draws of one left alone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import ModelSection, Recipe, TrainingSection
from sgnn.learning.job import TrainingJob
from sgnn.learning.launch import Launch, Placement, is_first, placement
from sgnn.learning.process import start_training

pytestmark = pytest.mark.usefixtures("_recorded_installed")
STEPS = 40
TORCHRUN = f"{sys.executable} -m torch.distributed.run --nproc-per-node 2"


def recorded(recipe: Recipe, folder: Path, seconds: float = 0.0, **training: Any) -> Recipe:
    """The recipe with the task that writes down its draws into the folder; an epoch is nine batches and a half."""
    folder.mkdir(exist_ok=True)
    options = {"steps": STEPS, "batch_draws": 16, "validation_every": STEPS, "ema": 0.0, "threads": 1, "seed": 5}
    model = ModelSection(task="recorded", settings={"folder": str(folder), "seconds": seconds})
    return recipe.model_copy(update={"model": model, "training": TrainingSection(**{**options, **training})})


def steps(folder: Path, ranks: Sequence[int] = (0,)) -> list[list[int]]:
    """Draws of each step, those of one rank after those of the other."""
    files = [(folder / f"{rank}.jsonl").read_text().splitlines() for rank in ranks]
    assert len({len(lines) for lines in files}) == 1
    return [[draw for line in step for draw in json.loads(line)["draws"]] for step in zip(*files, strict=True)]


@pytest.fixture(scope="module")
def alone(recipe: Recipe, corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> list[list[int]]:
    """Draws of each step of one process that nobody disturbed."""
    folder = tmp_path_factory.mktemp("alone")
    result = start_training(recorded(recipe, folder), corpus.store.url, folder / "run")
    assert result.steps == STEPS
    return steps(folder)


def test_training_killed_and_started_again_sees_the_draws_of_one_left_alone(
    recipe: Recipe, corpus: Corpus, alone: list[list[int]], tmp_path: Path
) -> None:
    slow = recorded(recipe, tmp_path, seconds=0.1)
    job = TrainingJob(
        slow.model_dump(mode="json"), corpus.store.url, str(tmp_path / "run"), save_seconds=0.3, cache=str(tmp_path)
    )
    (tmp_path / "job.json").write_text(json.dumps(asdict(job)))
    command = [sys.executable, "-m", "sgnn.learning.process", str(tmp_path / "job.json")]
    seen = tmp_path / "0.jsonl"
    checkpoint = tmp_path / "run" / "checkpoints" / "last.ckpt"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, stdin=subprocess.PIPE, **quiet) as killed:
        while not (checkpoint.exists() and seen.read_text().count("\n") > STEPS // 4):
            assert killed.poll() is None
            time.sleep(0.05)
        killed.kill()
    assert killed.returncode == -signal.SIGKILL
    before = steps(tmp_path)
    seen.unlink()
    result = start_training(recorded(recipe, tmp_path), corpus.store.url, tmp_path / "run")
    after = steps(tmp_path)
    assert result.resumed
    assert len(before) < STEPS
    assert before == alone[: len(before)]
    assert 0 < len(after) < STEPS
    assert after == alone[STEPS - len(after) :]
    assert len(before) + len(after) >= STEPS


@pytest.mark.parametrize("launch", [Launch(devices=2), Launch(launcher=TORCHRUN)], ids=["here", "torchrun"])
def test_two_processes_take_the_steps_and_the_draws_of_one(
    recipe: Recipe, corpus: Corpus, alone: list[list[int]], tmp_path: Path, launch: Launch
) -> None:
    events: list[dict[str, Any]] = []
    both = recorded(recipe, tmp_path)
    result = start_training(both, corpus.store.url, tmp_path / "run", on_event=events.append, launch=launch)
    assert result.steps == STEPS
    assert steps(tmp_path, (0, 1)) == alone
    assert [event["event"] for event in events if event["event"] in ("look", "done")] == ["look", "done"]
    assert Path(result.model).is_dir()


def test_fresh_noise_reaches_the_network_and_loader_workers_change_nothing(
    recipe: Recipe, corpus: Corpus, alone: list[list[int]], tmp_path: Path
) -> None:
    fresh = recorded(recipe, tmp_path, fresh_observations=True, loader_workers=2)
    result = start_training(fresh, corpus.store.url, tmp_path / "run")
    assert result.left_out == 0
    assert steps(tmp_path) == alone
    seen: dict[int, set[float]] = {}
    for line in (tmp_path / "0.jsonl").read_text().splitlines():
        step = json.loads(line)
        for draw, value in zip(step["draws"], step["seen"], strict=True):
            seen.setdefault(draw, set()).add(value)
    # in four epochs a draw was observed four times
    assert sum(len(values) >= 3 for values in seen.values()) > 0.7 * len(seen)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Placement(3)),
        ({"TORCHELASTIC_RUN_ID": "a", "LOCAL_WORLD_SIZE": "4", "WORLD_SIZE": "8", "RANK": "5"}, Placement(4, 2)),
        ({"SLURM_PROCID": "3", "SLURM_STEP_NUM_TASKS": "16", "SLURM_STEP_NUM_NODES": "2"}, Placement(8, 2)),
        ({"SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "16"}, Placement(3)),
    ],
)
def test_a_launcher_says_where_the_processes_are(environment: dict[str, str], expected: Placement) -> None:
    assert placement(environment, 3) == expected


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, True), ({"RANK": "0", "LOCAL_RANK": "0"}, True), ({"RANK": "4", "LOCAL_RANK": "0"}, False)],
)
def test_one_process_speaks_for_all(environment: dict[str, str], expected: bool) -> None:
    assert is_first(environment) is expected
