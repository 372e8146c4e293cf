"""An estimator's quantiles are moved by draws kept from training, and how far is kept with the model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr

from sgnn.learning.calibration import Calibration
from sgnn.learning.estimate.network import EstimateNetwork
from sgnn.learning.estimate.predict import estimate
from sgnn.learning.estimate.task import EstimateTask
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import SETTINGS, Model, load_model, save_model
from sgnn.simulation import Dimension, ParameterInfo, Schema, Variable

STEPS = 6
SCHEMA = Schema(
    (Dimension("day", STEPS, unit="day"),),
    (
        Variable("counts", ("day",), "float32", "1", "observable", missing=True),
        Variable("mean", ("day",), "float32", "people/day", "target", missing=True),
    ),
    (ParameterInfo("rate", "1/day"), ParameterInfo("quiet")),
    ("steady",),
)
LOW, HIGH = LEVELS.index(0.05), LEVELS.index(0.95)


def draws(number: int, seed: int) -> dict[str, np.ndarray]:
    """Counts whose mean is `rate`; where it is `quiet`, that varies less."""
    chance = np.random.default_rng(seed)
    quiet = chance.integers(0, 2, number).astype(float)
    rate = np.exp(np.where(quiet > 0.5, 0.8, 1.2) * chance.standard_normal(number))
    return {
        "counts": chance.poisson(rate[:, None], (number, STEPS)).astype(np.float32),
        "mean": np.repeat(rate[:, None], STEPS, axis=1).astype(np.float32),
        "theta": np.stack([rate, quiet], axis=1),
        "draw": np.arange(number),
    }


def panel(made: dict[str, np.ndarray], **told: np.ndarray) -> xr.Dataset:
    counts = made["counts"]
    coordinates = {"series": np.arange(len(counts)), "time": np.arange(STEPS)}
    beside = {name: ("series", values) for name, values in told.items()}
    return xr.Dataset({"value": (("series", "time"), counts), **beside}, coords=coordinates)


@pytest.fixture(scope="module")
def model() -> Model:
    """One that has learnt nothing: its quantiles hold whatever they hold."""
    torch.manual_seed(4)
    task = EstimateTask(
        series=("counts",),
        targets=({"name": "rate", "scale": "log"},),
        paths=({"name": "mean", "scale": "log"},),
        given=({"name": "rate", "scale": "log"}, {"name": "quiet"}),
        calibrate_by="quiet",
        cut=0.0,
        width=16,
        depth=1,
        embedding=8,
    )
    task.inputs(SCHEMA)
    return Model(task, task.network(SCHEMA).eval(), SCHEMA, {})


@pytest.fixture(scope="module")
def calibrated(model: Model) -> Model:
    assert isinstance(model.network, EstimateNetwork)
    found = model.task.calibration(model.network, draws(6000, 1), np.random.default_rng(0))
    assert found is not None
    return replace(model, calibration=found)


def gap(model: Model, asked: xr.Dataset, made: dict[str, np.ndarray]) -> float:
    """Largest distance of the share of rates beyond the ends of the 90 % interval from what they say."""
    found = estimate(model, asked)["estimate"].to_numpy()[:, 0]
    rate = made["theta"][:, 0]
    return max(abs((rate < found[:, LOW]).mean() - 0.05), abs((rate > found[:, HIGH]).mean() - 0.05))


def test_intervals_hold_what_they_say_of_new_draws_told_apart_by_the_indicator(model: Model, calibrated: Model) -> None:
    new = draws(4000, 2)
    for value in (0.0, 1.0):
        rows = new["theta"][:, 1] == value
        own = {name: array[rows] for name, array in new.items()}
        asked = panel(own, quiet=np.full(int(rows.sum()), value))
        assert gap(calibrated, asked, own) < 0.02 < 0.03 < gap(model, asked, own)
    assert gap(calibrated, panel(new), new) < 0.02


def test_paths_are_moved_as_well(model: Model, calibrated: Model) -> None:
    new = draws(4000, 3)
    inside = []
    for one in (model, calibrated):
        found = estimate(one, panel(new))["trajectory"].to_numpy()[:, 2, 0]
        inside.append(float(((found[:, LOW] <= new["mean"][:, 2]) & (new["mean"][:, 2] <= found[:, HIGH])).mean()))
    assert abs(inside[1] - 0.9) < 0.04 < abs(inside[0] - 0.9)


def test_a_quantity_that_is_told_is_not_moved(model: Model, calibrated: Model) -> None:
    new = draws(20, 5)
    asked = panel(new, rate=new["theta"][:, 0])
    before, after = (estimate(one, asked)["estimate"].to_numpy() for one in (model, calibrated))
    np.testing.assert_array_equal(before, after)


def test_it_is_kept_with_the_model_and_a_model_without_it_answers_as_before(
    model: Model, calibrated: Model, tmp_path: Path
) -> None:
    asked = panel(draws(20, 6))
    for one, name in ((model, "plain"), (calibrated, "calibrated")):
        again = load_model(save_model(tmp_path / name, one))
        np.testing.assert_allclose(estimate(again, asked)["estimate"], estimate(one, asked)["estimate"], rtol=1e-4)
    assert "calibration" not in json.loads((tmp_path / "plain" / SETTINGS).read_text())
    assert isinstance(load_model(tmp_path / "calibrated").calibration, Calibration)


def test_too_few_draws_give_no_calibration(model: Model) -> None:
    assert isinstance(model.network, EstimateNetwork)
    assert model.task.calibration(model.network, draws(100, 1), np.random.default_rng(0)) is None


def test_an_indicator_that_cannot_be_told_is_refused() -> None:
    with pytest.raises(ValueError, match="calibrate_by 'quiet' is not among those given"):
        EstimateTask(series=("counts",), targets=({"name": "rate"},), calibrate_by="quiet")


def test_draws_that_never_count_are_not_learnt_from_where_series_begin_with_their_first_count() -> None:
    task = EstimateTask(
        series=("counts",), targets=({"name": "rate", "scale": "log"},), from_first_count=True, shortest=2
    )
    task.inputs(SCHEMA)
    made = draws(50, 7)
    made["counts"][:10] = 0.0
    kept = task.answerable({"counts": made["counts"]})
    assert not kept[:10].any()
    batch = task.batch(made, np.random.default_rng(0))
    assert len(batch["channels"]) == len(batch["targets"]) == int(kept.sum())
