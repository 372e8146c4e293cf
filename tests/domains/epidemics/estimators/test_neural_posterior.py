"""Neural posterior estimation by `sbi` finds a posterior that is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from sgnn.domains.epidemics.estimators.neural_posterior import is_installed, neural_posterior

pytestmark = [pytest.mark.long, pytest.mark.skipif(not is_installed(), reason="needs the extra sbi")]


def test_a_lognormal_parameter_seen_through_noise_has_the_posterior_that_it_should() -> None:
    chance = np.random.default_rng(0)
    logs = chance.normal(0.0, 1.0, 6000)
    seen = np.stack([logs + chance.normal(0.0, 0.5, 6000), chance.normal(size=6000)], axis=1)
    levels = np.array([0.05, 0.5, 0.95])
    asked = np.array([[-1.0, 0.3], [0.0, 0.0], [1.0, -0.5]])
    found = np.log(neural_posterior(asked, seen, np.exp(logs), levels, epochs=25))
    # the posterior of a normal mean: precision 1 + 4, mean 4 / 5 of what was seen
    exact = 0.8 * asked[:, :1] + norm.ppf(levels) * np.sqrt(0.2)
    np.testing.assert_allclose(found, exact, atol=0.2)
