"""Both networks: causal, scale-free, never crossing, and blind to what is missing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from sgnn.errors import RecipeError
from sgnn.learning.forecast.levels import LEVELS, MEDIAN
from sgnn.learning.forecast.quantiles import pinball
from sgnn.learning.forecast.scale import damped_log, undamped
from sgnn.learning.forecast.task import ForecastTask
from sgnn.simulation import Dimension, Schema, Variable

SCHEMA = Schema(
    (), tuple(Variable(n, ("week",), "float32", "1", "observable") for n in ("deaths", "admissions")), (), ()
)


def task(**changes: object) -> ForecastTask:
    return ForecastTask(target="deaths", covariates=("admissions",), width=32, **changes)


def counts(series: int = 6, time: int = 90) -> torch.Tensor:
    chance = np.random.default_rng(0)
    return torch.tensor(chance.poisson(np.exp(chance.normal(4, 1, (series, 2, time)))), dtype=torch.float32)


@pytest.fixture(params=["window", "causal"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_quantiles_never_cross(kind: str) -> None:
    network = task(network=kind).network(SCHEMA)
    quantiles = network(counts() * 1e3, torch.tensor([[20, 60]]).expand(6, -1))
    assert torch.all(torch.diff(quantiles, dim=-1) > 0)


def test_a_forecast_is_the_mean_of_members_that_learn_for_themselves(kind: str) -> None:
    made = task(network=kind, members=3)
    network = made.network(SCHEMA)
    values, origins = counts(), torch.tensor([[20, 60]]).expand(6, -1)
    each = network.each(values, origins)
    assert each.shape == (3, 6, 2, 8, len(LEVELS))
    assert not torch.allclose(each[0], each[1])
    torch.testing.assert_close(network(values, origins), each.mean(dim=0))
    assert network.embedding(values, origins).shape == (6, 2, 3 * 32)
    batch = {"channels": values, "origins": origins, "truth": torch.full((6, 2, 8), 50.0)}
    together = made.loss(network.eval(), batch)
    apart = made.loss(network.train(), batch)
    own = [pinball(one, damped_log(batch["truth"], 2.0)).mean() for one in each]
    torch.testing.assert_close(apart, torch.stack(own).mean())
    # the loss is convex: a mean is never worse than its parts on average
    assert together < apart


def test_a_week_far_off_the_level_is_merely_far() -> None:
    network = task(network="window").network(SCHEMA)
    dipped, unreported = (torch.full((1, 2, 60), 500.0) for _ in range(2))
    dipped[:, 0, 34], unreported[:, 0, 34] = 30.0, 0.0
    origins = torch.tensor([[40]])
    torch.testing.assert_close(network(unreported, origins), network(dipped, origins))
    assert not torch.allclose(network(dipped, origins), network(torch.full((1, 2, 60), 500.0), origins))


def test_the_future_does_not_reach_a_forecast(kind: str) -> None:
    network = task(network=kind).network(SCHEMA)
    values, origins = counts(), torch.tensor([[40]]).expand(6, -1)
    changed = values.clone()
    changed[..., 41:] = torch.rand_like(changed[..., 41:]) * 1e4
    torch.testing.assert_close(network(changed, origins), network(values, origins))
    changed[..., 40] += 100
    assert not torch.allclose(network(changed, origins), network(values, origins))


def test_large_counts_are_forecast_alike_at_every_scale(kind: str) -> None:
    torch.manual_seed(0)
    network = task(network=kind).network(SCHEMA)
    values, origins = counts() * 1e2, torch.tensor([[30, 60]]).expand(6, -1)
    one, ten = (undamped(network(values * factor, origins), 2.0) / factor for factor in (1.0, 10.0))
    torch.testing.assert_close(one, ten, rtol=0.03, atol=0)


def test_of_small_counts_the_scale_is_known(kind: str) -> None:
    torch.manual_seed(0)
    network = task(network=kind).network(SCHEMA)
    flat, origins = torch.full((1, 2, 90), 1.0), torch.tensor([[60]])
    relative = [network(flat * level, origins) - damped_log(torch.tensor(level), 2.0) for level in (0.0, 1.0, 2.0, 9.0)]
    for one, other in pairwise(relative):
        assert (one - other).abs().max() > 1e-3


def test_a_gap_longer_than_the_level_looks_back_does_not_lose_the_scale(kind: str) -> None:
    torch.manual_seed(0)
    network = task(network=kind).network(SCHEMA)
    values = torch.full((1, 2, 90), 1000.0)
    values[..., 54:61] = torch.nan
    median = undamped(network(values, torch.tensor([[60]])), 2.0)[..., MEDIAN]
    assert median.min() > 200
    assert median.max() < 5000


@pytest.mark.parametrize("blocks", [0, 3])
def test_any_number_of_lags_and_coarse_means_fits(kind: str, blocks: int) -> None:
    made = task(network=kind, lags=5, blocks=blocks)
    quantiles = made.network(SCHEMA)(counts(time=9), torch.tensor([[7]]).expand(6, -1))
    assert quantiles.shape == (6, 1, 8, 23)
    assert torch.isfinite(quantiles).all()


def test_the_causal_network_learns_at_every_step_that_has_a_context_and_a_future() -> None:
    made = task(network="causal", horizons=4, least_context=10)
    draws = {name: counts(3, 40)[:, 0].numpy() for name in ("deaths", "admissions")}
    batch = made.batch(draws, np.random.default_rng(0))
    assert batch["origins"].tolist() == [list(range(9, 36))] * 3
    assert made.windows(batch) == 3 * 27


def test_series_too_short_to_learn_from_are_refused() -> None:
    short = Schema((Dimension("week", 15),), SCHEMA.variables, (), ())
    with pytest.raises(RecipeError, match="15 steps hold no 8 steps of context and 8 to forecast"):
        task().inputs(short)


def test_missing_values_are_masked_not_read_as_zero(kind: str) -> None:
    network = task(network=kind).network(SCHEMA)
    values, origins = counts(), torch.tensor([[60]]).expand(6, -1)
    absent, zero = values.clone(), values.clone()
    absent[:, 1] = torch.nan
    zero[:, 1] = 0.0
    found = network(absent, origins)
    assert torch.isfinite(found).all()
    assert not torch.allclose(found, network(zero, origins))


def test_a_batch_masks_covariates_of_the_stated_share_and_keeps_the_truth() -> None:
    made = task(covariate_dropout=0.5)
    draws = {"deaths": counts(400)[:, 0].numpy(), "admissions": counts(400)[:, 1].numpy()}
    batch = made.batch(draws, np.random.default_rng(1))
    masked = torch.isnan(batch["channels"][:, 1]).all(dim=1).float().mean()
    assert masked == pytest.approx(0.5, abs=0.08)
    assert not torch.isnan(batch["channels"][:, 0]).any()
    row, origin = 7, int(batch["origins"][7, 3])
    np.testing.assert_array_equal(batch["truth"][row, 3], draws["deaths"][row, origin + 1 : origin + 9])
    assert made.windows(batch) == 400 * 16


def test_missing_truths_do_not_count() -> None:
    made = task()
    network = made.network(SCHEMA)
    batch = made.batch(
        {"deaths": counts()[:, 0].numpy(), "admissions": counts()[:, 1].numpy()}, np.random.default_rng(1)
    )
    batch["truth"][:, :, 4:] = torch.nan
    some = made.loss(network, batch)
    batch["truth"][:] = torch.nan
    assert torch.isfinite(some)
    assert made.loss(network, batch) == 0.0


def test_pinball_is_half_the_weighted_interval_score_and_least_at_the_quantiles() -> None:
    sample = torch.distributions.Normal(0.0, 1.0)
    best = sample.icdf(torch.tensor(LEVELS))
    truth = torch.linspace(-3.5, 3.5, 4001)
    weight = torch.exp(sample.log_prob(truth))

    def expected(quantiles: torch.Tensor) -> float:
        return float((pinball(quantiles.expand(len(truth), -1), truth).mean(-1) * weight).sum())

    assert expected(best) < min(expected(best * 0.9), expected(best * 1.1), expected(best + 0.1))
    assert len(LEVELS) == 23
    assert LEVELS[MEDIAN] == 0.5


def test_the_damped_scale_is_inverted_exactly() -> None:
    values = torch.tensor([0.0, 1.0, 17.0, 4e5])
    torch.testing.assert_close(undamped(damped_log(values, 2.0), 2.0), values, rtol=1e-4, atol=1e-4)
