"""The forecaster learns: waves of counts with noise, where the last value is a poor forecast and admissions lead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from sgnn.learning.forecast.levels import LEVELS, MEDIAN
from sgnn.learning.forecast.scale import undamped
from sgnn.learning.forecast.task import ForecastTask
from sgnn.simulation import Schema, Variable

SCHEMA = Schema(
    (), tuple(Variable(n, ("week",), "float32", "1", "observable") for n in ("deaths", "admissions")), (), ()
)
WEEKS, LEAD, STEPS = 80, 2, 300


def waves(series: int, seed: int) -> dict[str, np.ndarray]:
    """Counts whose growth rate swings smoothly, seen with negative binomial noise; admissions come two weeks before."""
    chance = np.random.default_rng(seed)
    week = np.arange(WEEKS + LEAD)
    period, phase = chance.uniform(12, 40, (2, series, 1)) * np.array([1.0, 2 * np.pi])[:, None, None]
    swing = chance.uniform(0.5, 3.0, (series, 1))
    drift = chance.normal(0, 0.06, (series, len(week))).cumsum(axis=1)
    level = np.exp(chance.uniform(1, 6, (series, 1)) + swing * np.sin(2 * np.pi * week / period + phase) + drift)
    many = level * chance.uniform(3, 10, (series, 1))
    return {
        "deaths": chance.poisson(chance.gamma(20, level[:, :WEEKS] / 20)).astype(np.float32),
        "admissions": chance.poisson(chance.gamma(40, many[:, LEAD:] / 40)).astype(np.float32),
    }


@dataclass(frozen=True)
class Learnt:
    """A task, its network after `STEPS` steps, and windows it never saw."""

    task: ForecastTask
    network: torch.nn.Module
    batch: dict[str, torch.Tensor]

    def quantiles(self, covariates: bool) -> np.ndarray:
        """Counts (window, horizon, quantile), with covariates or without."""
        channels = self.batch["channels"].clone()
        if not covariates:
            channels[:, 1:] = torch.nan
        with torch.inference_mode():
            found = undamped(self.network(channels, self.batch["origins"]), self.task.options.offset)
        return found.flatten(0, 1).numpy()

    def relative_error(self, covariates: bool) -> float:
        """Mean absolute error of the median over that of the last value."""
        truth = self.batch["truth"].flatten(0, 1).numpy()
        last = torch.gather(self.batch["channels"][:, 0], 1, self.batch["origins"]).flatten().numpy()[:, None]
        return float(np.abs(self.quantiles(covariates)[..., MEDIAN] - truth).mean() / np.abs(last - truth).mean())

    def coverage(self, covariates: bool) -> float:
        """Share of the truth within the central 90 % interval."""
        truth, found = self.batch["truth"].flatten(0, 1).numpy(), self.quantiles(covariates)
        low, high = found[..., LEVELS.index(0.05)], found[..., LEVELS.index(0.95)]
        return float(((truth >= low) & (truth <= high)).mean())


@pytest.fixture(scope="module", params=["window", "causal"])
def learnt(request: pytest.FixtureRequest) -> Iterator[Learnt]:
    """Both kinds of network, small, on the same waves."""
    # with another test beside it two threads wait for each other, and take ten times as long
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    seen = waves(3000, seed=1)
    # the causal network learns at some sixty origins a series, the window network at sixteen
    series, width = {"window": (64, 64), "causal": (24, 32)}[request.param]
    made = ForecastTask(
        target="deaths", covariates=["admissions"], network=request.param, width=width, covariate_dropout=0.4
    )
    network, chance = made.network(SCHEMA), np.random.default_rng(2)
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        rows = chance.integers(3000, size=series)
        optimizer.zero_grad()
        made.loss(network, made.batch({name: values[rows] for name, values in seen.items()}, chance)).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    all_seen = ForecastTask(target="deaths", covariates=["admissions"], covariate_dropout=0.0)
    yield Learnt(made, network.eval(), all_seen.batch(waves(400, seed=3), chance))
    torch.set_num_threads(threads)


def test_the_network_beats_the_last_value_clearly(learnt: Learnt) -> None:
    assert learnt.relative_error(covariates=False) < 0.6


def test_covariates_that_lead_make_it_better(learnt: Learnt) -> None:
    assert learnt.relative_error(covariates=True) < learnt.relative_error(covariates=False) - 0.05


@pytest.mark.parametrize("covariates", [True, False])
def test_its_intervals_hold_as_often_as_they_say(learnt: Learnt, covariates: bool) -> None:
    assert learnt.coverage(covariates) == pytest.approx(0.9, abs=0.03)
