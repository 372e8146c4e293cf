"""A logged forecaster in a fresh process: a table in, a table out, and nothing unpickled."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sgnn.learning.model import Model, load_model, save_model
from sgnn.learning.task import make_task
from sgnn.simulation.schema import Schema
from sgnn.simulation.simulator import Dimension, Variable
from sgnn.tracking.connection import Tracking
from sgnn.tracking.lineage import Lineage
from sgnn.tracking.models import log_forecaster
from sgnn.tracking.registry import register
from sgnn.tracking.runs import attach_run

FRESH_PROCESS = """
import pickle, sys
def refuse(*_, **__):
    raise AssertionError("something was unpickled")
class Refuse:
    def __init__(self, *_, **__):
        refuse()
pickle.load = pickle.loads = refuse
pickle.Unpickler = Refuse
import cloudpickle, torch
cloudpickle.load = cloudpickle.loads = torch.load = refuse
import mlflow, pandas
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/toy@candidate")
table = pandas.read_csv(sys.argv[2])
forecast = model.predict(table, params={"horizon": 3})
assert list(forecast.columns) == ["series", "origin", "horizon", "date", "quantile", "value"], forecast.columns
forecast.to_csv(sys.argv[3], index=False)
"""
WEEKS = 30


@pytest.fixture
def forecaster(tmp_path: Path) -> Path:
    """Folder of a forecaster with fresh weights: how good it is does not matter here."""
    dims = ("time",)
    schema = Schema(
        (Dimension("time", 40),),
        tuple(Variable(name, dims, "float32", "people", "observable") for name in ("cases", "visits")),
        (),
        ("toy",),
    )
    task = make_task("forecast", {"target": "cases", "covariates": ["visits"], "horizons": 4, "width": 16})
    return save_model(tmp_path / "forecaster", Model(task, task.network(schema), schema, {}))


@pytest.fixture
def table() -> pd.DataFrame:
    """Two weekly series of whole counts with a covariate, dates as text."""
    dates = pd.date_range("2024-01-06", periods=WEEKS, freq="7D").strftime("%Y-%m-%d")
    counts = np.random.default_rng(0).poisson(40, size=(2, WEEKS))
    rows = [
        pd.DataFrame({"series": name, "date": dates, "value": values, "visits": 3 * values})
        for name, values in zip(("here", "there"), counts, strict=True)
    ]
    return pd.concat(rows, ignore_index=True)


def test_a_registered_forecaster_forecasts_a_table_in_a_fresh_process(
    tracking: Tracking, forecaster: Path, table: pd.DataFrame, lineage: Lineage, tmp_path: Path
) -> None:
    run = attach_run(tracking, tracking.client.create_run(tracking.experiment_id).info.run_id)
    register(tracking, "toy", log_forecaster(run, forecaster, "toy", "# toy"), lineage, {}, ())
    table.to_csv(tmp_path / "data.csv", index=False)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    arguments = [tracking.uri, str(tmp_path / "data.csv"), str(tmp_path / "forecast.csv")]
    done = subprocess.run(
        [sys.executable, "-c", FRESH_PROCESS, *arguments],
        capture_output=True,
        text=True,
        cwd=elsewhere,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    forecast = pd.read_csv(tmp_path / "forecast.csv")
    assert len(forecast) == 2 * 3 * 23
    assert set(forecast["series"]) == {"here", "there"}
    assert set(forecast["horizon"]) == {1, 2, 3}
    last = table["date"].max()
    assert set(forecast["origin"].str.slice(0, 10)) == {last}
    assert forecast["date"].min() > last
    assert json.loads((forecaster / "model.json").read_text(encoding="utf-8"))["task"] == "forecast"

    values = table.pivot(index="series", columns="date", values="value").to_numpy(float)
    panel = xr.Dataset(
        {"value": (("series", "time"), values), "visits": (("series", "time"), 3 * values)},
        coords={"series": ["here", "there"], "time": pd.to_datetime(sorted(set(table["date"])))},
        attrs={"frequency": "W-SAT"},
    )
    # tables round to three digits
    direct = load_model(forecaster).predict(panel, [WEEKS - 1], 3)["forecast"]
    for _, row in forecast.iterrows():
        expected = direct.sel(series=row["series"], horizon=row["horizon"]).isel(origin=0)
        assert row["value"] == pytest.approx(
            float(expected.sel(quantile=row["quantile"], method="nearest")), rel=1e-5, abs=5.1e-4
        )
