"""Online recalibration: better intervals where they were wrong, the same median, and never a look ahead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sgnn.learning.forecast.levels import LEVELS, MEDIAN
from sgnn.learning.forecast.recalibration import METHODS

Q = np.array(LEVELS)
SERIES, STEPS, HORIZON, NOISE = 30, 70, 3, 0.3
ORIGINS = list(range(8, 60))


def noisy(scale: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Series about known levels, and forecasts that think their log noise is ``scale`` times what it is."""
    chance = np.random.default_rng(seed)
    level = chance.uniform(4.0, 8.0, SERIES)
    values = np.exp(level[:, None] + NOISE * chance.normal(size=(SERIES, STEPS)))
    quantiles = np.exp(level[:, None] + scale * NOISE * stats.norm.ppf(Q))
    return np.broadcast_to(quantiles[:, None, None], (SERIES, len(ORIGINS), HORIZON, len(Q))).copy(), values


def coverage(forecasts: np.ndarray, values: np.ndarray, last: int = 25) -> float:
    """Of 90 % intervals from the last origins."""
    truth = np.stack([values[:, origin + 1 : origin + 1 + HORIZON] for origin in ORIGINS], axis=1)[:, -last:]
    low, high = (forecasts[:, -last:, :, LEVELS.index(level)] for level in (0.05, 0.95))
    return float(((truth >= low) & (truth <= high)).mean())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [0.5, 1.8])
def test_intervals_too_narrow_or_too_wide_come_nearer_to_what_they_promise(method: str, scale: float) -> None:
    forecasts, values = noisy(scale)
    found = METHODS[method](forecasts, values, ORIGINS, Q)
    assert abs(coverage(found, values) - 0.9) < 0.6 * abs(coverage(forecasts, values) - 0.9)
    np.testing.assert_allclose(found[..., MEDIAN], forecasts[..., MEDIAN])
    assert (np.diff(found, axis=-1) >= -1e-9).all()


@pytest.mark.parametrize("method", METHODS)
def test_intervals_that_are_right_are_left_about_as_they_are(method: str) -> None:
    forecasts, values = noisy(1.0)
    assert coverage(METHODS[method](forecasts, values, ORIGINS, Q), values) == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize("method", METHODS)
@given(origin=st.integers(0, len(ORIGINS) - 1), seed=st.integers(0, 5), missing=st.booleans())
@settings(max_examples=15)
def test_nothing_after_an_origin_changes_its_forecast(method: str, origin: int, seed: int, missing: bool) -> None:
    forecasts, values = noisy(0.6, seed)
    before = METHODS[method](forecasts, values, ORIGINS, Q)[:, : origin + 1]
    later, changed = values.copy(), forecasts.copy()
    later[:, ORIGINS[origin] + 1 :] = np.nan if missing else 1e6
    changed[:, origin + 1 :] *= 3.0
    np.testing.assert_array_equal(METHODS[method](changed, later, ORIGINS, Q)[:, : origin + 1], before)


@pytest.mark.parametrize("method", METHODS)
def test_before_any_outcome_is_known_nothing_is_changed(method: str) -> None:
    forecasts, values = noisy(0.6)
    found = METHODS[method](forecasts, values, ORIGINS, Q)
    np.testing.assert_allclose(found[:, 0], forecasts[:, 0], rtol=1e-9)
    np.testing.assert_allclose(found[:, 1, 2], forecasts[:, 1, 2], rtol=1e-9)
    assert not np.allclose(found[:, -1], forecasts[:, -1])
