"""A registry with a forecaster of which there are two versions, made once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sgnn.settings import Settings, load_settings

WEEKS = 12


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home folder with `toy/1`, the champion, and `toy/2`: networks that nobody trained, which answer all the same."""
    import torch

    from sgnn.corpus.sections import Gate
    from sgnn.learning.model import Model, save_model
    from sgnn.learning.task import make_task
    from sgnn.simulation import Dimension, Schema, Variable
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.lineage import Lineage
    from sgnn.tracking.models import log_forecaster
    from sgnn.tracking.promotion import promote
    from sgnn.tracking.registry import register
    from sgnn.tracking.runs import pipeline_run

    home = tmp_path_factory.mktemp("registry")
    settings = load_settings(home=home)
    counts = Variable("counts", ("week",), "float32", "count", "observable", "weekly counts")
    schema = Schema((Dimension("week", 60, unit="week"),), (counts,), (), ())
    task = make_task("forecast", {"target": "counts", "horizons": 4})
    gates = (Gate(name="g", protocol="p", metric="relative_mae", comparison="<=", value=1.0),)
    tracking = open_tracking(settings)
    with pipeline_run(tracking, "toy", "toy") as run:
        for seed in (0, 1):
            torch.manual_seed(seed)
            model = Model(task, task.network(schema), schema, {"seed": seed})
            folder = home / f"weights-{seed}"
            save_model(folder, model)
            logged = log_forecaster(run, folder, "toy", "# card")
            results = {"p": {"protocol": "p", "scores": {"relative_mae": 0.5}}}
            register(tracking, "toy", logged, Lineage("toy", "a", "toy", "b", 1), results, gates)
            if seed == 0:
                promote(tracking, "toy", 1)
    return home


@pytest.fixture
def settings(registry: Path, tmp_path: Path) -> Settings:
    """Settings of a copy of that home folder."""
    home = tmp_path / "home"
    shutil.copytree(registry, home)
    return load_settings(home=home)


@pytest.fixture
def question() -> Callable[..., dict[str, Any]]:
    """Makes a request for a forecast of so many series."""

    def make(number: int = 1, **changes: Any) -> dict[str, Any]:
        dates = [str(day.date()) for day in pd.date_range(end="2026-01-24", periods=WEEKS, freq="7D")]
        made = [
            {"name": f"s{at}", "dates": dates, "values": [10.0 * (1 + at), None, *range(11, 9 + WEEKS)]}
            for at in range(number)
        ]
        return {"series": made, "horizon": 2, **changes}

    return make
