"""Delays as daily probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sgnn.domains.epidemics.delays import LONGEST_DELAY, gamma_delay, last_lag


@pytest.mark.parametrize(("shape", "scale"), [(1.5, 2.0), (2.5, 8.0), (4.0, 1.0)])
def test_a_delay_has_the_probabilities_of_its_gamma_distribution(shape: float, scale: float) -> None:
    lags = np.empty(LONGEST_DELAY)
    gamma_delay(shape, scale, lags)
    exact = np.diff(stats.gamma.cdf(np.arange(LONGEST_DELAY + 1), shape, scale=scale))
    np.testing.assert_allclose(lags, exact / exact.sum(), atol=3e-3)
    assert lags.sum() == pytest.approx(1.0)


def test_lags_are_cut_where_no_more_than_the_tail_is_left() -> None:
    assert last_lag(np.array([0.5, 0.3, 0.15, 0.05]), 0.1) == 3
    assert last_lag(np.array([0.5, 0.3, 0.15, 0.04]), 0.001) == 4
