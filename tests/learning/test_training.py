"""Training: in a process of its own, resumed after a kill, saved without pickles."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr

from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.sections import MixedCorpus
from sgnn.errors import DataError, SgnnError
from sgnn.learning.averaging import decay_at
from sgnn.learning.job import TrainingJob
from sgnn.learning.model import load_model
from sgnn.learning.module import StreamData, learning_rate
from sgnn.learning.process import start_training
from sgnn.learning.stream import CorpusStream
from sgnn.learning.training import train


def with_training(recipe: Recipe, **changes: object) -> Recipe:
    return recipe.model_copy(update={"training": recipe.training.model_copy(update=changes)})


@pytest.fixture(scope="module")
def trained(recipe: Recipe, corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder after sixty steps."""
    folder = tmp_path_factory.mktemp("trained")
    events: list[dict[str, object]] = []
    result = start_training(
        with_training(recipe, steps=60, validation_every=20, ema=0.9), corpus.name, folder, on_event=events.append
    )
    assert result.steps == 60
    assert [event["step"] for event in events if event["event"] == "look"] == [20, 40, 60]
    assert result.curve[-1]["held_out_loss"] < result.curve[0]["held_out_loss"]
    return folder / "model"


def panel(series: int = 3, time: int = 40) -> xr.Dataset:
    values = np.random.default_rng(0).poisson(80.0, (series, time)).astype(float)
    weeks = np.datetime64("2021-01-02", "ns") + np.arange(time) * np.timedelta64(7, "D")
    return xr.Dataset(
        {"value": (("series", "time"), values)},
        coords={"series": [f"s{i}" for i in range(series)], "time": weeks},
        attrs={"frequency": "W-SAT"},
    )


def test_a_saved_model_forecasts_with_and_without_covariates(trained: Path) -> None:
    model = load_model(trained)
    alone = model.predict(panel(), [20, 39], 8)["forecast"]
    assert alone.dims == ("series", "origin", "horizon", "quantile")
    assert alone.shape == (3, 2, 8, 23)
    assert float(alone.min()) >= 0
    assert np.all(np.diff(alone, axis=-1) >= 0)
    both = model.predict(panel().assign(admissions=panel()["value"] * 5), [20, 39], 8)["forecast"]
    assert not np.allclose(alone, both)


def test_an_origin_sees_nothing_after_it(trained: Path) -> None:
    model, data = load_model(trained), panel()
    early = model.predict(data.isel(time=slice(0, 21)), [20], 8)["forecast"].to_numpy()
    np.testing.assert_allclose(model.predict(data, [20], 8)["forecast"], early, rtol=1e-5)


@pytest.mark.parametrize(
    ("origins", "horizon", "words"), [([20], 9, "1 to 8"), ([3], 4, "8 steps"), ([99], 4, "40 steps")]
)
def test_what_a_model_cannot_serve_is_said_in_one_line(
    trained: Path, origins: list[int], horizon: int, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        load_model(trained).predict(panel(), origins, horizon)


def test_daily_counts_are_summed_for_a_model_that_learnt_weeks(trained: Path) -> None:
    days = np.datetime64("2021-01-01", "ns") + np.arange(70) * np.timedelta64(1, "D")
    daily = xr.Dataset(
        {"value": (("series", "time"), np.full((1, 70), 3.0))}, {"series": ["a"], "time": days}, {"frequency": "D"}
    )
    weekly = load_model(trained).in_steps(daily)
    assert weekly.sizes["time"] == 10
    assert (weekly["value"] == 21).all()
    assert load_model(trained).in_steps(panel()).identical(panel())


def test_an_embedding_is_one_vector_a_window(trained: Path) -> None:
    assert load_model(trained).embed(panel()).shape == (3, 256)


def test_the_model_folder_holds_no_pickle_and_a_damaged_one_is_refused(trained: Path, tmp_path: Path) -> None:
    assert sorted(path.name for path in trained.iterdir()) == ["model.json", "model.safetensors"]
    (tmp_path / "model.json").write_text((trained / "model.json").read_text())
    (tmp_path / "model.safetensors").write_bytes((trained / "model.safetensors").read_bytes()[:2000])
    with pytest.raises(DataError, match="not a readable model"):
        load_model(tmp_path)
    with pytest.raises(DataError, match="holds no model"):
        load_model(tmp_path / "nowhere")


def test_a_finished_training_is_not_done_again(recipe: Recipe, corpus: Corpus, trained: Path) -> None:
    began = time.monotonic()
    start_training(with_training(recipe, steps=60, validation_every=20, ema=0.9), corpus.name, trained.parent)
    assert time.monotonic() - began < 5


def begin(job: TrainingJob, path: Path) -> subprocess.Popen[str]:
    """A training process whose parent this one is."""
    path.write_text(json.dumps(asdict(job)))
    return subprocess.Popen(
        [sys.executable, "-m", "sgnn.learning.process", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def listen(child: subprocess.Popen[str], step: int = sys.maxsize) -> dict[str, Any]:
    """The event of the first look at the held-out draws at that step or later, or the last event."""
    event: dict[str, Any] = {}
    assert child.stdout is not None
    for line in child.stdout:
        event = json.loads(line)
        if event["event"] == "look" and event["step"] >= step:
            break
    return event


def close(child: subprocess.Popen[str]) -> int:
    for pipe in (child.stdin, child.stdout):
        assert pipe is not None
        pipe.close()
    return child.wait(60)


def test_training_killed_then_orphaned_ends_with_the_weights_of_one_that_was_left_alone(
    recipe: Recipe, corpus: Corpus, tmp_path: Path
) -> None:
    steps = with_training(recipe, steps=200, validation_every=20, ema=0.9, threads=1)
    start_training(steps, corpus.name, tmp_path / "whole")
    job = TrainingJob(steps.model_dump(mode="json"), corpus.name, str(tmp_path / "cut"), save_seconds=0.2)
    killed = begin(job, tmp_path / "job.json")
    listen(killed, 40)
    killed.kill()
    assert close(killed) == -signal.SIGKILL
    orphan = begin(job, tmp_path / "job.json")
    again = listen(orphan, 80)["step"]
    assert close(orphan) == SgnnError.exit_code
    saved = torch.load(tmp_path / "cut" / "checkpoints" / "last.ckpt", weights_only=True)
    assert again <= saved["global_step"] < 200
    resumed = start_training(steps, corpus.name, tmp_path / "cut")
    assert resumed.resumed
    assert resumed.steps == 200
    assert [look["step"] for look in resumed.curve] == list(range(20, 201, 20))
    whole, cut = (load_model(tmp_path / name / "model").network.state_dict() for name in ("whole", "cut"))
    for name, weight in whole.items():
        np.testing.assert_allclose(cut[name].numpy(), weight.numpy(), atol=1e-5, err_msg=name)


def test_training_that_is_told_to_stop_says_so_and_leaves_no_model(
    recipe: Recipe, corpus: Corpus, tmp_path: Path
) -> None:
    endless = with_training(recipe, steps=10**6, validation_every=20)
    child = begin(TrainingJob(endless.model_dump(mode="json"), corpus.name, str(tmp_path / "run")), tmp_path / "job")
    listen(child, 20)
    child.terminate()
    assert "running it again goes on" in listen(child)["message"]
    assert close(child) == SgnnError.exit_code
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["checkpoints"]


@pytest.mark.long
def test_two_ranks_share_the_work_and_agree(recipe: Recipe, corpus: Corpus, tmp_path: Path) -> None:
    both = with_training(recipe, steps=20, validation_every=10, batch_draws=8, threads=1)
    job = TrainingJob(both.model_dump(mode="json"), corpus.name, str(tmp_path / "run"), devices=2)
    child = begin(job, tmp_path / "job.json")
    result = listen(child)["result"]
    assert close(child) == 0
    assert (result["steps"], result["windows"]) == (20, 20 * 8 * 16)
    assert load_model(result["model"]).predict(panel(), [20], 8)["forecast"].notnull().all()


def test_bfloat16_learns_as_float32_does_and_the_model_is_saved_whole(
    recipe: Recipe, corpus: Corpus, tmp_path: Path
) -> None:
    losses = {}
    for precision in ("float32", "bfloat16"):
        wanted = with_training(recipe, steps=30, validation_every=30, precision=precision)
        job = TrainingJob(wanted.model_dump(mode="json"), corpus.name, str(tmp_path / precision))
        losses[precision] = train(job).held_out_loss
        weights = load_model(tmp_path / precision / "model").network.state_dict().values()
        assert {weight.dtype for weight in weights} == {torch.float32}
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=0.05)
    assert losses["bfloat16"] != losses["float32"]


def test_corpora_that_are_mixed_in_are_learnt_from_and_named_in_the_model(
    recipe: Recipe, corpus: Corpus, other_corpus: Corpus, tmp_path: Path
) -> None:
    mixed = (MixedCorpus(corpus=f"{other_corpus.store.url}@1", weight=3.0),)
    wanted = with_training(recipe, steps=10, validation_every=10, corpora=mixed, mechanisms={"epidemics.seir": 0.0})
    result = train(TrainingJob(wanted.model_dump(mode="json"), corpus.store.url, str(tmp_path)))
    named = load_model(result.model).provenance["mixed_corpora"]
    assert named == [{"corpus": "other", "version": 1, "digest": other_corpus.content_digest}]
    saved = torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)["StreamData"]
    kept = sum(
        int((one.read(b, ["status"])["status"] == 0).sum()) for one in (corpus, other_corpus) for b in one.blocks
    )
    assert saved["position"] == 10
    assert 0.7 * kept < saved["draws"] <= kept


def test_training_that_diverges_says_so(recipe: Recipe, corpus: Corpus, tmp_path: Path) -> None:
    wild = with_training(recipe, steps=40, validation_every=20, learning_rate=1e30, gradient_clip=0.0, warmup=0.0)
    job = TrainingJob(wild.model_dump(mode="json"), corpus.name, str(tmp_path))
    with pytest.raises(SgnnError, match=r"has diverged; lower training\.learning_rate"):
        train(job)


def test_training_that_gets_no_better_stops_early_and_keeps_the_best(
    recipe: Recipe, corpus: Corpus, tmp_path: Path
) -> None:
    hasty = with_training(recipe, steps=600, validation_every=20, patience=2, learning_rate=0.1, ema=0.0)
    result = train(TrainingJob(hasty.model_dump(mode="json"), corpus.name, str(tmp_path)))
    looks = [look["held_out_loss"] for look in result.curve]
    assert result.steps < 600
    assert result.held_out_loss == pytest.approx(min(looks))
    assert looks[-1] > min(looks)
    model = load_model(result.model)
    draws = CorpusStream([(corpus, 1.0)], model.task.inputs(corpus.schema), 1, 0, "held_out")
    data = StreamData(model.task, draws, draws)
    losses = [float(model.task.loss(model.network, batch).detach()) for batch in data.val_dataloader()]
    assert losses == [pytest.approx(min(looks), rel=0.2)]


def test_averaged_weights_soon_forget_the_start_and_then_move_slowly() -> None:
    left = np.prod([decay_at(update, 0.999) for update in range(60)])
    assert left < 1e-6
    assert decay_at(10**6, 0.999) == 0.999


def test_a_failure_nobody_foresaw_is_one_line_too(recipe: Recipe, corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last.ckpt").write_bytes(b"nothing that was ever saved")
    with pytest.raises(SgnnError, match=r"^training failed: .*training\.log$") as caught:
        start_training(recipe, corpus.name, tmp_path)
    assert "\n" not in str(caught.value)


def test_the_childs_reason_reaches_the_parent(recipe: Recipe, corpus: Corpus, tmp_path: Path) -> None:
    wrong = recipe.model_copy(update={"model": recipe.model.model_copy(update={"settings": {"target": "sales"}})})
    with pytest.raises(SgnnError, match="no series 'sales'"):
        start_training(wrong, corpus.name, tmp_path)


def test_the_learning_rate_rises_then_falls() -> None:
    rates = [learning_rate(progress, 0.1, 1.0) for progress in np.linspace(0, 1, 101)]
    assert np.argmax(rates) == 10
    assert rates[-1] == pytest.approx(0.01)
    assert all(a >= b for a, b in pairwise(rates[10:]))
