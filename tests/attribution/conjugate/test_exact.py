"""The problems, and the score by which answers are held against them, are right themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sgnn.corpus.assembly import generator_of
from sgnn.evaluation.calibration import pit
from sgnn.evaluation.log_score import log_score
from sgnn.learning.forecast.levels import LEVELS
from tests.attribution.conjugate.conftest import PROBLEMS, recipe

Q = np.array(LEVELS)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_posterior_called_exact_is_calibrated_over_its_own_prior(name: str) -> None:
    section = recipe(name, 1).corpus
    generator = generator_of(section, "exact")
    made = generator.draws(0, 2000)
    simulator = generator.mixture.components[0].simulator
    [(parameter, quantiles)] = simulator.exact_quantiles(made.arrays, Q).items()
    columns = {one.name: made.theta[:, at] for at, one in enumerate(generator.schema.parameters)}
    truth = made.arrays[parameter] if parameter in made.arrays else columns[parameter]
    found = pit(quantiles, Q, np.asarray(truth, dtype=np.float64))
    # uniform but for the outermost hundredths, where quantiles say no more
    inner = (found[(found > 0.025) & (found < 0.975)] - 0.025) / 0.95
    assert stats.kstest(inner, "uniform").pvalue > 0.001
    assert np.mean(found < 0.05) == pytest.approx(0.05, abs=0.015)


def test_the_score_of_quantiles_is_nearly_that_of_the_density_they_are_of() -> None:
    truth = np.random.default_rng(0).normal(size=50_000)
    own = log_score(np.broadcast_to(stats.norm.ppf(Q), (len(truth), len(Q))), Q, truth)
    assert stats.norm.logpdf(truth).mean() - own.mean() == pytest.approx(0.0037, abs=0.002)


def test_the_density_of_quantiles_adds_up_to_one() -> None:
    places = np.linspace(-14.0, 30.0, 40_001)
    quantiles = np.broadcast_to(stats.gamma.ppf(Q, 2.0), (len(places), len(Q)))
    density = np.exp(log_score(quantiles, Q, places))
    assert np.trapezoid(density, places) == pytest.approx(1.0, abs=1e-3)


def test_what_spans_magnitudes_is_scored_on_its_own_scale_and_a_change_of_units_moves_no_difference() -> None:
    truth = np.exp(2.0 * np.random.default_rng(0).normal(size=50_000))
    exact = np.broadcast_to(stats.lognorm.ppf(Q, 2.0), (len(truth), len(Q)))
    wide = np.broadcast_to(stats.lognorm.ppf(Q, 3.0), (len(truth), len(Q)))
    own = log_score(exact, Q, truth)
    assert stats.lognorm.logpdf(truth, 2.0).mean() - own.mean() == pytest.approx(0.0037, abs=0.002)
    gain = own.mean() - log_score(wide, Q, truth).mean()
    again = log_score(100 * exact, Q, 100 * truth).mean() - log_score(100 * wide, Q, 100 * truth).mean()
    assert again == pytest.approx(gain)


def test_a_surprise_of_magnitudes_costs_no_more_because_some_truths_are_nothing() -> None:
    chance = np.random.default_rng(0)
    centre = np.exp(2.0 * chance.normal(size=20_000))
    truth = centre * np.exp(0.5 * chance.normal(size=20_000))
    truth[::200] *= 1000.0
    truth[truth < 0.03] = 0.0
    sharp = centre[:, None] * stats.lognorm.ppf(Q, 0.5)
    wide = np.broadcast_to(np.quantile(truth, Q), sharp.shape)
    gain = log_score(sharp, Q, truth).mean() - log_score(wide, Q, truth).mean()
    assert gain == pytest.approx(np.log(2.06 / 0.5), abs=0.6)
    again = log_score(100 * sharp, Q, 100 * truth).mean() - log_score(100 * wide, Q, 100 * truth).mean()
    assert again == pytest.approx(gain)


def test_quantiles_that_are_the_same_are_no_certainty_and_gaps_have_no_score() -> None:
    tied = np.concatenate([np.zeros(20), [1.0, 2.0, 3.0]])
    assert np.isfinite(log_score(tied[None], Q, np.array([0.0]))).all()
    gap = np.where(np.arange(len(Q)) == 4, np.nan, tied)
    assert np.isnan(log_score(np.stack([gap, tied]), Q, np.array([1.0, np.nan]))).all()
