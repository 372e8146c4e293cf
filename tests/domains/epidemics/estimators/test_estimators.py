"""Classical estimators find what made the counts where their assumptions hold."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics.estimators import (
    GenerationInterval,
    cori,
    growth_rate,
    least_squares,
    maximum_likelihood,
)
from sgnn.domains.epidemics.estimators.cori import reproduction_posterior
from sgnn.domains.epidemics.estimators.generation_interval import infectious_pressure
from sgnn.domains.epidemics.estimators.least_squares import sir_incidence
from sgnn.errors import DataError

INTERVAL = GenerationInterval(6.0, 3.0)
ALL = [growth_rate, maximum_likelihood, cori, least_squares]


def branching(r: float, days: int, seed: int) -> np.ndarray:
    """Counts of a branching process with the interval and reproduction number, from twenty cases."""
    generator, weights = np.random.default_rng(seed), INTERVAL.weights()
    counts = np.zeros(days)
    counts[0] = 20
    for day in range(1, days):
        counts[day] = generator.poisson(r * infectious_pressure(counts[: day + 1], weights)[day])
    return counts


def test_weights_are_a_distribution_with_the_mean_that_was_asked_for() -> None:
    weights = INTERVAL.weights()
    assert weights.sum() == pytest.approx(1.0)
    assert weights @ np.arange(1, len(weights) + 1) == pytest.approx(6.0, abs=0.02)


def test_no_growth_is_a_reproduction_number_of_one() -> None:
    assert INTERVAL.reproduction_number(0.0) == pytest.approx(1.0)
    assert INTERVAL.reproduction_number(0.1) > 1.0 > INTERVAL.reproduction_number(-0.1)


@pytest.mark.parametrize("r", [1.5, 2.5])
@pytest.mark.parametrize("method", [growth_rate, maximum_likelihood, cori])
def test_the_reproduction_number_of_a_branching_process_is_found(method, r: float) -> None:
    found = [method(branching(r, 30, seed), INTERVAL).value for seed in range(40)]
    assert np.median(found) == pytest.approx(r, rel=0.08)


def test_a_likelihood_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    found = [maximum_likelihood(branching(2.0, 25, seed), INTERVAL) for seed in range(200)]
    held = np.mean([one.low <= 2.0 <= one.high for one in found])
    assert 0.83 <= held <= 0.97


def test_the_posterior_of_cori_is_the_conjugate_one() -> None:
    counts = branching(2.0, 20, 0)
    shape, scale = reproduction_posterior(counts, INTERVAL, window=7)
    pressure = infectious_pressure(counts, INTERVAL.weights())
    assert shape[15] == pytest.approx(1.0 + counts[9:16].sum())
    assert 1.0 / scale[15] == pytest.approx(0.2 + pressure[9:16].sum())
    assert np.isnan(shape[:7]).all()


def test_a_fitted_sir_epidemic_is_the_one_that_was_simulated() -> None:
    r0 = 2.2
    counts = 1e5 * sir_incidence(r0 / 6.0, 1.0 / 6.0, 1e-4, 80)
    assert least_squares(counts, INTERVAL).value == pytest.approx(r0, rel=0.02)


def test_nobody_is_made_in_a_deterministic_epidemic() -> None:
    incidence = sir_incidence(0.5, 0.2, 1e-3, 400)
    assert (incidence >= 0.0).all()
    size = incidence.sum() + 1e-3
    # final size: log(1 - z) = log(s0) - R0 z
    assert np.log(1.0 - size) == pytest.approx(np.log(1.0 - 1e-3) - 2.5 * size, abs=1e-3)


@pytest.mark.parametrize("method", ALL)
def test_missing_days_do_not_count_as_days_without_cases(method) -> None:
    counts = 1e4 * sir_incidence(0.4, 1.0 / 6.0, 1e-4, 45)
    gaps = counts.copy()
    gaps[[20, 28, 33]] = np.nan
    assert method(gaps, INTERVAL).value == pytest.approx(method(counts, INTERVAL).value, rel=0.1)


@pytest.mark.parametrize("method", ALL)
@pytest.mark.parametrize("counts", [np.zeros(30), np.full(30, np.nan), np.array([1.0, 0.0])])
def test_nothing_is_estimated_from_nothing(method, counts: np.ndarray) -> None:
    assert not method(counts, INTERVAL).found


def test_an_interval_without_length_is_refused() -> None:
    with pytest.raises(DataError, match="positive"):
        GenerationInterval(0.0, 1.0)
