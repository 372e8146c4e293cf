"""Case fatality: the crude ratio is low while an outbreak grows, and the correction makes it whole."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics.estimators.case_fatality import case_fatality, delay_probabilities, resolved_share

LEVELS = np.array([0.05, 0.5, 0.95])


def test_probabilities_of_a_delay_have_its_mean() -> None:
    mass = delay_probabilities(15.0, 6.0, 200)
    assert mass.sum() == pytest.approx(1.0, abs=1e-6)
    assert mass @ np.arange(200) == pytest.approx(15.0, abs=0.05)


def test_of_exponential_growth_the_resolved_share_is_the_transform_of_the_delay() -> None:
    growth, mean, sd = 0.1, 12.0, 6.0
    cases = np.exp(growth * np.arange(200.0))
    # Gamma: (1 + r b) ** -a, as in Garske et al. (2009)
    shape, scale = (mean / sd) ** 2, sd**2 / mean
    assert resolved_share(cases, mean, sd) == pytest.approx((1.0 + growth * scale) ** -shape, rel=0.06)


def test_the_correction_finds_what_the_crude_ratio_misses() -> None:
    fatality, mean, sd = 0.05, 14.0, 5.0
    cases = np.round(100.0 * np.exp(0.08 * np.arange(60.0)))
    deaths = np.convolve(fatality * cases, delay_probabilities(mean, sd, 60))[:60]
    crude = case_fatality(cases, deaths, LEVELS)
    corrected = case_fatality(cases, deaths, LEVELS, resolved_share(cases, mean, sd))
    assert crude[1] < 0.6 * fatality
    assert corrected[1] == pytest.approx(fatality, rel=0.02)
    assert corrected[0] < fatality < corrected[2]


def test_days_that_are_not_known_count_for_nothing() -> None:
    cases = np.array([5.0, np.nan, 20.0, 40.0, np.nan, np.nan])
    assert resolved_share(cases, 2.0, 1.0) == pytest.approx(resolved_share(np.array([5.0, 0.0, 20.0, 40.0]), 2.0, 1.0))
    np.testing.assert_allclose(
        case_fatality(cases, cases / 10, LEVELS), case_fatality(np.array([65.0]), np.array([6.5]), LEVELS)
    )


def test_without_a_case_there_is_no_answer() -> None:
    assert np.isnan(resolved_share(np.zeros(5), 3.0, 1.0))
    assert np.isnan(case_fatality(np.zeros(5), np.ones(5), LEVELS)).all()
    assert np.isfinite(case_fatality(np.ones(5), np.full(5, 3.0), LEVELS)).all()
