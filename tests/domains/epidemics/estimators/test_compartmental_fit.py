"""Models fitted to counts: each is the deterministic epidemic that it says, and the one that made the counts fits."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics.estimators.compartmental_fit import MODELS, incidence, information_criteria, weights
from sgnn.domains.epidemics.estimators.least_squares import sir_incidence

RATES = {"sir": (0.0, 0.0, False), "sis": (0.0, 0.0, True), "seir": (0.25, 0.0, False), "sirs": (0.0, 0.04, False)}


def counts(model: str, days: int = 100) -> np.ndarray:
    return 2e4 * incidence(0.4, 0.15, 1e-3, *RATES[model], days)


def test_without_latency_and_waning_it_is_the_sir_epidemic() -> None:
    np.testing.assert_allclose(
        incidence(0.4, 0.15, 1e-3, 0.0, 0.0, False, 80, 4), sir_incidence(0.4, 0.15, 1e-3, 80), rtol=1e-3
    )


def test_an_epidemic_without_immunity_settles_where_infections_balance_recoveries() -> None:
    # prevalence 1 - 1 / R0, and as many infections a day as recoveries
    settled = incidence(0.4, 0.2, 1e-3, 0.0, 0.0, True, 300)[-1]
    assert settled == pytest.approx(0.2 * (1.0 - 0.5), rel=1e-2)


@pytest.mark.parametrize("model", MODELS)
def test_the_model_that_made_a_whole_epidemic_is_among_those_that_fit_it(model: str) -> None:
    found = information_criteria(np.random.default_rng(0).poisson(counts(model)).astype(float))
    assert MODELS[int(found.aic.argmin())] == model
    assert found.bic[MODELS.index(model)] <= found.bic.min() + 6.0


def test_missing_days_are_left_out() -> None:
    gaps = counts("sis")
    gaps[[10, 40, 41]] = np.nan
    assert MODELS[int(information_criteria(gaps).aic.argmin())] == "sis"


def test_nothing_is_fitted_to_nothing() -> None:
    assert np.isnan(information_criteria(np.zeros(30)).aic).all()


def test_weights_are_probabilities_that_halve_with_every_bit() -> None:
    found = weights(np.array([[10.0, 10.0 + 2.0 * np.log(2.0), 1e4]]))
    np.testing.assert_allclose(found, [[2.0 / 3.0, 1.0 / 3.0, 0.0]], atol=1e-12)
