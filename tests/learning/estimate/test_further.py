"""Further series, such as deaths, tell what the first one cannot, and change nothing of what that one tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import xarray as xr

from sgnn.errors import RecipeError
from sgnn.learning.estimate.network import EstimateNetwork
from sgnn.learning.estimate.predict import estimate
from sgnn.learning.estimate.table import estimate_table
from sgnn.learning.estimate.task import EstimateTask
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model, load_model, save_model
from sgnn.simulation import Dimension, ParameterInfo, Schema, Variable

STEPS = 10
SCHEMA = Schema(
    (Dimension("day", STEPS, unit="day"),),
    tuple(Variable(name, ("day",), "float32", "1", "observable", missing=True) for name in ("cases", "deaths")),
    (ParameterInfo("rate", "1/day"), ParameterInfo("died.share")),
    ("steady",),
)
SETTINGS = {
    "series": ("cases",),
    "targets": ({"name": "rate", "scale": "log"},),
    "further_series": ("deaths",),
    "further_targets": ({"name": "fatality", "quantity": "died.share", "scale": "logit"},),
    "cut": 0.0,
    "width": 32,
    "depth": 1,
    "embedding": 8,
}


def draws(number: int, seed: int) -> dict[str, np.ndarray]:
    """Cases of which a share dies on the same day; of half of the draws nobody counts the dead."""
    chance = np.random.default_rng(seed)
    rate, share = np.exp(chance.normal(4.0, 1.0, number)), np.exp(chance.uniform(np.log(0.01), np.log(0.5), number))
    cases = chance.poisson(rate[:, None], (number, STEPS))
    deaths = chance.binomial(cases, share[:, None]).astype(np.float32)
    deaths[::2] = np.nan
    theta = np.stack([rate, share], axis=1)
    return {"cases": cases.astype(np.float32), "deaths": deaths, "theta": theta, "draw": np.arange(number)}


def panel(made: dict[str, np.ndarray]) -> xr.Dataset:
    coordinates = {"series": [f"s{at}" for at in range(len(made["cases"]))], "time": np.arange(STEPS)}
    values = {"value": made["cases"], "deaths": made["deaths"]}
    return xr.Dataset({name: (("series", "time"), one) for name, one in values.items()}, coords=coordinates)


def fresh(**settings: object) -> Model:
    torch.manual_seed(0)
    task = EstimateTask(**{**SETTINGS, **settings})
    task.inputs(SCHEMA)
    return Model(task, task.network(SCHEMA).eval(), SCHEMA, {})


@pytest.fixture(scope="module")
def learnt() -> Model:
    model = fresh()
    optimizer = torch.optim.AdamW(model.network.parameters(), lr=3e-3)
    for step in range(200):
        loss = model.task.loss(model.network, model.task.batch(draws(128, step + 1), np.random.default_rng(step)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def test_what_the_further_series_tells_is_learnt(learnt: Model) -> None:
    made = draws(800, 0)
    truth = made["theta"][1::2, 1]
    found = estimate(learnt, panel(made))["estimate"].sel(parameter="fatality").to_numpy()[1::2]
    error = np.abs(np.log(found[:, LEVELS.index(0.5)] / truth)).mean()
    assert error < 0.3 * np.abs(np.log(np.median(truth) / truth)).mean()
    inside = (found[:, LEVELS.index(0.05)] <= truth) & (truth <= found[:, LEVELS.index(0.95)])
    assert 0.8 < inside.mean() < 0.99


def test_nothing_is_said_where_it_was_not_observed(learnt: Model) -> None:
    made = draws(6, 3)
    answers = estimate(learnt, panel(made))
    fatality = answers["estimate"].sel(parameter="fatality").to_numpy()
    np.testing.assert_array_equal(np.isfinite(fatality).all(axis=1), [False, True] * 3)
    table = estimate_table(answers)
    assert set(table.loc[table["parameter"] == "fatality", "series"]) == {"s1", "s3", "s5"}
    assert (table.groupby("series")["parameter"].nunique() == [1, 2] * 3).all()


def test_answers_of_the_first_series_are_the_same_with_and_without_further_ones(learnt: Model) -> None:
    made = draws(50, 4)
    asked = panel(made)
    alone, beside = (
        estimate(learnt, one)["estimate"].sel(parameter="rate").to_numpy() for one in (asked.drop_vars("deaths"), asked)
    )
    np.testing.assert_array_equal(alone, beside)
    assert learnt.task.seen == ("cases",)


def test_further_series_teach_the_embedding_nothing() -> None:
    model = fresh()
    assert isinstance(model.network, EstimateNetwork)
    batch = model.task.batch(draws(64, 1), np.random.default_rng(0))
    gradients = []
    for deaths in (batch["every_channel"], torch.full_like(batch["every_channel"], torch.nan)):
        model.network.zero_grad()
        model.task.loss(model.network, {**batch, "every_channel": deaths}).backward()
        gradients.append([one.grad.clone() for one in model.network.encoder.parameters() if one.grad is not None])
    assert gradients[0]
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other)


def test_what_follows_the_last_step_of_the_first_series_is_not_read(learnt: Model) -> None:
    made = draws(20, 5)
    made["cases"][:, 6:] = np.nan
    later = {**made, "deaths": made["deaths"].copy()}
    later["deaths"][1::2, 6:] = 900.0
    one, other = (estimate(learnt, panel(each))["estimate"].to_numpy() for each in (made, later))
    np.testing.assert_array_equal(one, other)


def test_calibration_moves_it_too_and_is_kept_with_the_model(learnt: Model, tmp_path: Path) -> None:
    found = learnt.task.calibration(learnt.network, draws(3000, 6), np.random.default_rng(0))
    assert found is not None
    assert set(found.factors) == {"rate", "fatality"}
    calibrated, asked = replace(learnt, calibration=found), panel(draws(40, 7))
    after = estimate(calibrated, asked)["estimate"].sel(parameter="fatality")
    assert not after.equals(estimate(learnt, asked)["estimate"].sel(parameter="fatality"))
    again = estimate(load_model(save_model(tmp_path / "model", calibrated)), asked)["estimate"]
    np.testing.assert_allclose(again.sel(parameter="fatality"), after, rtol=1e-4)


def test_a_further_series_that_the_corpus_lacks_is_named() -> None:
    with pytest.raises(RecipeError, match="no series 'admissions'"):
        EstimateTask(**{**SETTINGS, "further_series": ("admissions",)}).inputs(SCHEMA)
    with pytest.raises(RecipeError, match=r"nothing to estimate under the name 'born\.share'"):
        EstimateTask(**{**SETTINGS, "further_targets": ({"name": "x", "quantity": "born.share"},)}).inputs(SCHEMA)


def test_further_series_without_targets_are_refused() -> None:
    with pytest.raises(ValueError, match="belong together"):
        EstimateTask(**{**SETTINGS, "further_targets": ()})
