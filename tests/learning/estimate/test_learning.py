"""The estimator learns posteriors: on a conjugate problem it comes close to the exact one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
import xarray as xr

from sgnn.errors import DataError, RecipeError
from sgnn.learning.estimate.predict import estimate, joint_log_scores, posterior_draws
from sgnn.learning.estimate.targets import Target
from sgnn.learning.estimate.task import EstimateTask
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.simulation import Dimension, ParameterInfo, Schema, Variable

STEPS = 24
SCHEMA = Schema(
    (Dimension("day", STEPS, unit="day"),),
    (
        Variable("counts", ("day",), "float32", "1", "observable", missing=True),
        Variable("size", (), "float32", "people", "target"),
        Variable("mean", ("day",), "float32", "people/day", "target", missing=True),
    ),
    (ParameterInfo("rate", "1/day"), ParameterInfo("other")),
    ("steady", "growing"),
)
SETTINGS = {
    "series": ("counts",),
    "targets": ({"name": "rate", "scale": "log"},),
    "mechanism": True,
    "width": 64,
    "depth": 2,
    "embedding": 32,
}
# Gamma(SHAPE, 1 / RATE) prior of a Poisson mean: the posterior after n counts is Gamma(SHAPE + sum, 1 / (RATE + n))
SHAPE, RATE = 2.0, 0.2


def poisson_draws(number: int, seed: int) -> dict[str, np.ndarray]:
    """Steady or growing counts whose mean is the parameter `rate`, of 4 to 24 days."""
    chance = np.random.default_rng(seed)
    rate = chance.gamma(SHAPE, 1.0 / RATE, number)
    mechanism = chance.integers(0, 2, number)
    growth = np.where(mechanism[:, None] == 1, np.exp(0.1 * (np.arange(STEPS) - 8)), 1.0)
    counts = chance.poisson(rate[:, None] * growth).astype(np.float32)
    lengths = chance.integers(4, STEPS + 1, number)
    counts[np.arange(STEPS) >= lengths[:, None]] = np.nan
    theta = np.stack([rate, np.full(number, np.nan)], axis=1)
    mean = (rate[:, None] * growth).astype(np.float32)
    # a quantity that the rate tells but for noise
    size = (3.0 * rate * np.exp(0.1 * chance.standard_normal(number))).astype(np.float32)
    return {
        "counts": counts,
        "mean": mean,
        "size": size,
        "theta": theta,
        "mechanism": mechanism.astype(np.int16),
        "lengths": lengths,
    }


def panel(counts: np.ndarray) -> xr.Dataset:
    return xr.Dataset(
        {"value": (("series", "time"), counts)},
        coords={"series": [f"s{at}" for at in range(len(counts))], "time": np.arange(counts.shape[1])},
    )


@dataclass(frozen=True)
class Learnt:
    model: Model
    draws: dict[str, np.ndarray]


def trained(steps: int, **settings: Any) -> Model:
    torch.manual_seed(0)
    task = EstimateTask(**{**SETTINGS, "cut": 0.0, **settings})
    task.inputs(SCHEMA)
    network = task.network(SCHEMA)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    generator = np.random.default_rng(0)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * (1.0 - step / steps)
        loss = task.loss(network, task.batch(poisson_draws(128, step + 1), generator))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    network.eval()
    return Model(task, network, SCHEMA, {})


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    return Learnt(trained(500), poisson_draws(2000, 0))


def exact_quantiles(draws: dict[str, np.ndarray]) -> np.ndarray:
    """Quantiles (draw, level) of the exact posterior of the rate: two Gamma distributions, weighted by evidence."""
    chance = np.random.default_rng(1)
    total = np.nansum(draws["counts"], axis=1)
    days = np.arange(STEPS) < draws["lengths"][:, None]
    growth = np.exp(0.1 * (np.arange(STEPS) - 8))
    exposure = np.stack([days.sum(axis=1), (days * growth).sum(axis=1)], axis=1)
    fit = np.nansum(np.where(days, draws["counts"] * np.log(growth), 0.0), axis=1)
    evidence = np.stack([np.zeros(len(total)), fit], axis=1)
    evidence -= (SHAPE + total)[:, None] * np.log(RATE + exposure)
    growing = 1.0 / (1.0 + np.exp(evidence[:, 0] - evidence[:, 1]))
    chosen = (chance.random((1500, len(total))) < growing).astype(int)
    scale = 1.0 / (RATE + np.take_along_axis(exposure.T, chosen, axis=0))
    return np.quantile(chance.gamma(SHAPE + total, scale), LEVELS, axis=0).T


def mean_pinball(quantiles: np.ndarray, truth: np.ndarray) -> float:
    error = np.log(truth)[:, None] - np.log(quantiles)
    levels = np.array(LEVELS)
    return float(np.maximum(levels * error, (levels - 1.0) * error).mean())


def test_the_answer_scores_nearly_as_well_as_the_exact_posterior(learnt: Learnt) -> None:
    truth = learnt.draws["theta"][:, 0]
    found = estimate(learnt.model, panel(learnt.draws["counts"]))["estimate"].to_numpy()[:, 0]
    best = mean_pinball(exact_quantiles(learnt.draws), truth)
    prior = np.tile(np.quantile(poisson_draws(20_000, 77)["theta"][:, 0], LEVELS), (len(truth), 1))
    # after so few steps; the exact posterior is the floor
    assert best < mean_pinball(found, truth) < 1.2 * best < 0.6 * mean_pinball(prior, truth)


def test_intervals_hold_the_truth_as_often_as_they_say(learnt: Learnt) -> None:
    found = estimate(learnt.model, panel(learnt.draws["counts"]))["estimate"].to_numpy()[:, 0]
    truth = learnt.draws["theta"][:, 0]
    for low, high, share in ((0.05, 0.95, 0.9), (0.25, 0.75, 0.5)):
        inside = (found[:, LEVELS.index(low)] <= truth) & (truth <= found[:, LEVELS.index(high)])
        assert inside.mean() == pytest.approx(share, abs=0.06)


def test_the_mechanism_is_named_with_a_probability_that_is_meant(learnt: Learnt) -> None:
    given = estimate(learnt.model, panel(learnt.draws["counts"]))["probability"]
    probability = given.sel(mechanism="growing").to_numpy()
    truth = learnt.draws["mechanism"] == 1
    assert ((probability > 0.5) == truth).mean() > 0.85
    sure = probability > 0.9
    assert truth[sure].mean() > 0.85


def test_a_longer_series_gives_a_narrower_answer(learnt: Learnt) -> None:
    counts = np.full((2, STEPS), 10.0, dtype=np.float32)
    counts[0, 5:] = np.nan
    found = estimate(learnt.model, panel(counts))["estimate"].to_numpy()[:, 0]
    widths = found[:, LEVELS.index(0.95)] / found[:, LEVELS.index(0.05)]
    assert widths[1] < widths[0]


def test_what_follows_the_last_value_known_changes_nothing(learnt: Learnt) -> None:
    counts = np.full((1, STEPS), 7.0, dtype=np.float32)
    counts[0, 10:] = np.nan
    long = np.concatenate([counts, np.full((1, 31), np.nan, dtype=np.float32)], axis=1)
    np.testing.assert_allclose(learnt.model.embed(panel(counts)), learnt.model.embed(panel(long)), atol=2e-5)


def test_answers_have_their_names_and_units(learnt: Learnt) -> None:
    found = estimate(learnt.model, panel(learnt.draws["counts"][:2]))
    assert found["estimate"].dims == ("series", "parameter", "quantile")
    assert found["parameter"].to_numpy().tolist() == ["rate"]
    assert found["unit"].to_numpy().tolist() == ["1/day"]
    np.testing.assert_allclose(found["probability"].sum("mechanism"), 1.0, atol=1e-6)
    assert (np.diff(found["estimate"].to_numpy(), axis=-1) > 0).all()


def test_what_is_known_beside_the_series_narrows_the_answer_where_it_is_told() -> None:
    model = trained(250, given=({"name": "rate", "scale": "log"},))
    draws = poisson_draws(300, 5)
    # so few days tell little by themselves
    draws["counts"][:, 3:] = np.nan
    rate, untold = draws["theta"][:, 0], panel(draws["counts"])
    medians = [
        estimate(model, one)["estimate"].sel(parameter="rate", quantile=0.5).to_numpy()
        for one in (untold, untold.assign(rate=("series", rate)))
    ]
    without, told = (float(np.abs(np.log(median / rate)).mean()) for median in medians)
    assert told < 0.8 * without


def test_a_path_is_read_off_at_every_step_and_no_further_than_the_series_goes() -> None:
    model = trained(250, paths=({"name": "mean", "scale": "count"},))
    draws = poisson_draws(500, 9)
    found = estimate(model, panel(draws["counts"]))["trajectory"]
    assert found.dims == ("series", "time", "path", "quantile")
    assert found["path_unit"].to_numpy().tolist() == ["people/day"]
    values, inside = found.to_numpy()[:, :, 0], np.arange(STEPS) < draws["lengths"][:, None]
    np.testing.assert_array_equal(np.isfinite(values).all(axis=-1), inside)
    truth, raw = draws["mean"][inside], draws["counts"][inside]
    median = values[inside][:, LEVELS.index(0.5)]
    # the count of a day alone is the estimate that needs no model
    assert np.abs(median - truth).mean() < 0.6 * np.abs(raw - truth).mean()
    low, high = (values[inside][:, LEVELS.index(level)] for level in (0.05, 0.95))
    assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(0.9, abs=0.06)


def test_the_joint_posterior_holds_what_the_targets_share() -> None:
    targets = ({"name": "rate", "scale": "log"}, {"name": "size", "scale": "log"})
    model = trained(400, targets=targets, joint=2, joint_weight=0.2)
    draws = poisson_draws(40, 9)
    draws["counts"][:, 2:] = np.nan
    found = np.log(posterior_draws(model, panel(draws["counts"]), 400)["value"].to_numpy())
    correlation = np.mean([np.corrcoef(one.T)[0, 1] for one in found])
    assert correlation > 0.8
    again = np.log(posterior_draws(model, panel(draws["counts"]), 400)["value"].to_numpy())
    np.testing.assert_array_equal(found, again)
    truth = {"rate": draws["theta"][:, 0], "size": draws["size"].astype(float)}
    joint, apart = joint_log_scores(model, panel(draws["counts"]), truth).mean(axis=0)
    assert joint > apart + 0.5


def test_a_model_without_a_joint_posterior_says_so(learnt: Learnt) -> None:
    with pytest.raises(DataError, match="no joint posterior"):
        posterior_draws(learnt.model, panel(np.ones((1, STEPS))), 5)


def test_a_missing_target_is_not_learnt_from() -> None:
    task = EstimateTask(series=("counts",), targets=({"name": "rate"}, {"name": "other"}), cut=0.0)
    task.inputs(SCHEMA)
    batch = task.batch(poisson_draws(16, 1), np.random.default_rng(0))
    assert torch.isnan(batch["targets"][:, 1]).all()
    assert torch.isfinite(task.loss(task.network(SCHEMA), batch))


def test_variables_with_one_value_a_draw_can_be_estimated_too() -> None:
    task = EstimateTask(series=("counts",), targets=({"name": "size", "scale": "log"},))
    assert task.inputs(SCHEMA) == ("counts", "size")


def test_series_are_cut_short_while_training_and_never_below_the_shortest() -> None:
    task = EstimateTask(**{**SETTINGS, "cut": 1.0, "shortest": 6})
    task.inputs(SCHEMA)
    draws = poisson_draws(400, 3)
    draws["counts"] = np.ones_like(draws["counts"])
    lengths = (~torch.isnan(task.batch(draws, np.random.default_rng(1))["channels"])).sum(-1)
    assert int(lengths.min()) == 6
    assert int(lengths.max()) == STEPS - 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"series": ("nothing",), "mechanism": True}, "no series 'nothing'"),
        ({"series": ("counts",), "paths": ({"name": "size"},)}, "no path 'size' along the series"),
        ({"series": ("counts",), "targets": ({"name": "beta"},)}, "nothing to estimate under the name 'beta'"),
    ],
)
def test_what_the_corpus_does_not_hold_is_named(settings: dict, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        EstimateTask(**settings).inputs(SCHEMA)


def test_a_task_that_asks_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to estimate"):
        EstimateTask(series=("counts",))


def test_what_is_smaller_than_the_least_value_told_apart_is_told_as_0() -> None:
    target = Target(name="rate", scale="log", least=0.01)
    told = target.from_scale(target.to_scale(np.array([0.0, 0.002, 0.5, 3.0])))
    np.testing.assert_allclose(told, [0.0, 0.0, 0.5, 3.0])


def test_a_joint_posterior_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="joint posterior of no targets"):
        EstimateTask(series=("counts",), mechanism=True, joint=2)


def test_a_forecaster_does_not_estimate() -> None:
    from sgnn.learning.forecast.task import ForecastTask

    task = ForecastTask(target="counts")
    with pytest.raises(DataError, match="does not estimate"):
        estimate(Model(task, task.network(SCHEMA), SCHEMA, {}), panel(np.ones((1, STEPS))))
