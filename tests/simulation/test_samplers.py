"""The normal quantile that copulas and normal priors stand on."""

from __future__ import annotations

import numpy as np
from scipy import stats

from sgnn.simulation.samplers import normal_quantile


def test_the_normal_quantile_is_right_to_the_last_digits_far_into_both_tails() -> None:
    small = np.geomspace(2.0**-54, 0.5, 400)
    np.testing.assert_allclose(normal_quantile(small), stats.norm.ppf(small), rtol=1e-13, atol=1e-15)
    large = 1.0 - np.geomspace(2.0**-53, 0.5, 400)
    np.testing.assert_allclose(normal_quantile(large), stats.norm.isf(1.0 - large), rtol=1e-13, atol=1e-15)
