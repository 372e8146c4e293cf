"""Real MLflow on SQLite, one home folder a test; the tables are made once and copied, for making them takes seconds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe, parse_recipe
from sgnn.corpus.sections import Gate
from sgnn.settings import Settings, load_settings
from sgnn.tracking.connection import Tracking, open_tracking
from sgnn.tracking.lineage import Lineage

SMALL = """
name: small
corpus:
  name: small
  draws: 16
  chunk_draws: 8
  block_draws: 8
  settings: {weeks: 30}
  simulators:
    - {name: epidemics.nonmechanistic_walk}
  observation:
    - {operator: epidemics.report, settings: {variable: deaths, source: deaths_daily}}
model: {task: forecast}
training: {steps: 1}
"""


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MLflow database with tables and no experiment of ours."""
    from mlflow import MlflowClient

    file = tmp_path_factory.mktemp("template") / "mlflow.db"
    MlflowClient(tracking_uri=f"sqlite:///{file}").search_experiments()
    return file


@pytest.fixture
def settings(tmp_path: Path, empty_database: Path) -> Settings:
    """Settings of a home folder whose database has its tables already."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copyfile(empty_database, home / "mlflow.db")
    return load_settings(home=home)


@pytest.fixture
def tracking(settings: Settings) -> Tracking:
    """An open connection to that home's database."""
    return open_tracking(settings)


@pytest.fixture
def small() -> Recipe:
    """A recipe of 16 draws."""
    return parse_recipe(SMALL, "small.yaml")


@pytest.fixture
def small_corpus(small: Recipe, settings: Settings) -> Corpus:
    """Its corpus, built in this process."""
    plan = prepare(small, settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)
    return open_corpus("small", settings)


@pytest.fixture
def lineage() -> Lineage:
    """A lineage with all of its parts."""
    return Lineage(
        recipe_name="covid",
        recipe_digest="a1" * 16,
        corpus_name="covid",
        corpus_digest="b2" * 16,
        corpus_version=2,
        corpus_content_digest="c3" * 16,
        code="0.1.0",
        git_commit="d4" * 20,
        git_dirty=True,
        recipe={"name": "covid", "corpus": {"draws": 100}},
    )


@pytest.fixture
def gates() -> tuple[Gate, ...]:
    """Gates of the three kinds that a recipe has."""
    return (
        Gate(name="beats last value", protocol="real", metric="relative_mae", comparison="<=", value=0.9),
        Gate(name="calibrated", protocol="real", metric="coverage.90", comparison="within", low=0.85, high=0.95),
        Gate(
            name="no step back",
            protocol="real",
            metric="relative_mae",
            comparison="not_worse_than_champion",
            margin=0.02,
        ),
    )


@pytest.fixture
def weights(tmp_path: Path) -> Callable[[int], Path]:
    """Makes folders that look like trained models: settings and a few weights, by seed."""

    def write(seed: int = 0) -> Path:
        folder = tmp_path / f"weights-{seed}"
        folder.mkdir(exist_ok=True)
        values = np.random.default_rng(seed).normal(size=(4, 3)).astype(np.float32)
        save_file({"layer.weight": values}, folder / "model.safetensors")
        settings = {"task": "forecast", "settings": {"covariates": ["admissions"], "horizons": 8}}
        (folder / "model.json").write_text(json.dumps(settings), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def benchmark() -> Callable[..., dict[str, Any]]:
    """Makes benchmark JSON with the figures that the gates look at."""

    def make(relative_mae: float, coverage: float = 0.9, protocol: str = "real") -> dict[str, Any]:
        return {
            "protocol": protocol,
            "model": "model",
            "scores": {"relative_mae": relative_mae, "relative_wis": relative_mae - 0.05, "coverage": {"90": coverage}},
            "by_horizon": [
                {"horizon": horizon, "relative_mae": relative_mae + 0.01 * horizon, "coverage": {"90": coverage}}
                for horizon in (1, 2, 3)
            ],
            "variants": {"alone": {"scores": {"relative_mae": relative_mae + 0.1}}},
            "baselines": {"last_value": {"relative_mae": 1.0, "relative_wis": 1.0, "coverage": {"90": 0.5}}},
        }

    return make
