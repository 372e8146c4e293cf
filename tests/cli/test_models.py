"""The commands about models, on a registry in a real database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Sgnn = Callable[..., tuple[int, str, str]]
SgnnJson = Callable[..., dict[str, Any]]
Release = Callable[[float], str]


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with MLflow's tables, which take seconds to make."""
    from mlflow import MlflowClient

    file = tmp_path_factory.mktemp("template") / "mlflow.db"
    MlflowClient(tracking_uri=f"sqlite:///{file}").search_experiments()
    return file


@pytest.fixture
def release(home: Path, tmp_path: Path, empty_database: Path) -> Release:
    """Registers a version whose relative MAE on the protocol `real` is given; gives its reference."""
    from safetensors.numpy import save_file

    from sgnn.corpus.sections import Gate
    from sgnn.settings import load_settings
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.lineage import Lineage
    from sgnn.tracking.models import log_forecaster
    from sgnn.tracking.registry import register
    from sgnn.tracking.runs import attach_run

    home.mkdir()
    shutil.copyfile(empty_database, home / "mlflow.db")
    tracking = open_tracking(load_settings())
    run = attach_run(tracking, tracking.client.create_run(tracking.experiment_id).info.run_id)
    gate = Gate(name="beats last value", protocol="real", metric="scores.relative_mae", comparison="<=", value=0.9)
    lineage = Lineage("toy", "a1" * 16, "toy", "b2" * 16, 1)

    def register_one(relative_mae: float) -> str:
        folder = tmp_path / f"model-{relative_mae}"
        folder.mkdir()
        save_file({"weight": np.full((2, 2), relative_mae, np.float32)}, folder / "model.safetensors")
        settings = {"task": "forecast", "settings": {"covariates": [], "horizons": 4}}
        (folder / "model.json").write_text(json.dumps(settings))
        scores = {"relative_mae": relative_mae, "relative_wis": relative_mae, "coverage": {"90": 0.9}}
        results = {"real": {"protocol": "real", "model": "toy", "scores": scores, "baselines": {}, "by_horizon": []}}
        logged = log_forecaster(run, folder, "toy", "# A toy")
        return register(tracking, "toy", logged, lineage, results, (gate,), "# A toy").ref

    return register_one


def aliases(sgnn_json: SgnnJson) -> dict[int, list[str]]:
    return {one["number"]: one["aliases"] for one in sgnn_json("models", "list")["models"]}


def test_a_candidate_is_promoted_replaced_and_rolled_back(release: Release, sgnn: Sgnn, sgnn_json: SgnnJson) -> None:
    release(0.6)
    assert aliases(sgnn_json) == {1: ["candidate"]}
    assert sgnn("models", "promote", "toy", "--why", "first")[1] == "toy/1 is the champion of toy\n"
    release(0.5)
    assert sgnn_json("models", "promote", "toy@candidate")["number"] == 2
    assert aliases(sgnn_json) == {1: [], 2: ["candidate", "champion"]}
    assert sgnn("models", "rollback", "toy")[1] == "toy/1 is the champion of toy\n"
    assert aliases(sgnn_json) == {1: ["champion"], 2: ["candidate"]}
    status, out, err = sgnn("models", "rollback", "toy")
    assert (status, out) == (2, "")
    assert "toy/1 is the first champion of toy" in err


def test_a_refused_promotion_names_the_gate_and_by_how_much(release: Release, sgnn: Sgnn) -> None:
    release(0.95)
    status, out, err = sgnn("models", "promote", "toy/1")
    assert (status, out) == (2, "")
    assert err.startswith("error: toy/1 stays candidate: gate 'beats last value'")
    assert "is 0.95, expected <= 0.9, short by 0.05" in err
    assert err.count("\n") == 1


def test_a_version_is_shown_with_what_it_was_made_from(release: Release, sgnn: Sgnn, sgnn_json: SgnnJson) -> None:
    ref = release(0.6)
    shown = sgnn_json("models", "show", ref)
    assert shown["lineage"]["corpus_digest"] == "b2" * 16
    assert shown["card"] == "# A toy"
    status, out, _ = sgnn("models", "show", "toy@candidate")
    assert status == 0
    assert "beats last value" in out
    assert out.endswith("# A toy\n")
    assert "toy/1" in sgnn("models", "list", "toy")[1]


def test_what_is_not_there_is_told_with_what_is(release: Release, sgnn: Sgnn) -> None:
    release(0.6)
    for arguments, said in (
        (["show", "toy"], "toy has no champion"),
        (["show", "toy/9"], "toy has no version 9"),
        (["show", "tay"], "no model named 'tay'"),
        (["list", "tay"], "no model named 'tay'"),
    ):
        status, out, err = sgnn("models", *arguments)
        assert (status, out) == (2, "")
        assert said in err
        assert err.count("\n") == 1
