"""How transmission changes with time: seasons, change-points, and their stated size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sgnn.domains.epidemics.mechanisms import RECORD
from sgnn.domains.epidemics.transmission import YEAR, add_change_points, add_random_walk, add_seasonality
from sgnn.simulation.random import open_stream


def added(
    part: Callable[..., None], days: int = 2920, draw: int = 0, first: int | None = None, **values: float
) -> np.ndarray:
    record = np.zeros(1, dtype=RECORD)[0]
    for name, value in values.items():
        record[name] = value
    out, stream = np.zeros(days), open_stream(np.uint64(7), draw)
    if first is None:
        part(record, out, stream)
    else:
        part(record, first, out, stream)
    return out


@pytest.mark.parametrize("first", [0, -200])
def test_the_season_peaks_every_year_on_its_day(first: int) -> None:
    out = added(add_seasonality, first=first, season_phase=50.0, season_amplitude_1=0.3)
    days = np.arange(len(out)) + first
    np.testing.assert_allclose(out, 0.3 * np.cos(2 * np.pi * (days - 50.0) / YEAR), atol=1e-12)


def test_harmonics_add_up() -> None:
    both = added(add_seasonality, first=0, season_phase=9.0, season_amplitude_1=0.2, season_amplitude_4=0.1)
    one = added(add_seasonality, first=0, season_phase=9.0, season_amplitude_1=0.2)
    four = added(add_seasonality, first=0, season_phase=9.0, season_amplitude_4=0.1)
    np.testing.assert_allclose(both, one + four, atol=1e-12)
    np.testing.assert_allclose(four[:91].mean(), 0.0, atol=0.002)


def test_peaks_shift_from_year_to_year_by_the_stated_spread() -> None:
    peaks = [
        np.argmax(added(add_seasonality, 364, draw, 0, season_phase=182.0, season_amplitude_1=0.3, season_jitter=20.0))
        for draw in range(400)
    ]
    assert np.std(peaks) == pytest.approx(20.0, rel=0.1)
    assert np.mean(peaks) == pytest.approx(182.0, abs=4.0)


def test_change_points_come_and_jump_as_stated() -> None:
    days = 100 * 365
    out = added(add_change_points, days, change_rate=4.0, change_sd=0.4)
    levels = out[np.r_[True, np.diff(out) != 0]]
    assert len(levels) == pytest.approx(400, abs=4 * 20)
    assert np.std(levels[1:]) == pytest.approx(0.4, rel=0.15)
    assert out[0] == 0.0


def test_the_walk_is_smooth_and_forgets_at_the_stated_pace() -> None:
    memory, smoothness = 60.0, 10.0
    walks = np.stack(
        [
            added(add_random_walk, 800, draw, walk_sd=0.3, walk_memory=memory, walk_smoothness=smoothness)
            for draw in range(600)
        ]
    )
    np.testing.assert_allclose(walks.std(axis=0)[[0, 400, 799]], 0.3, rtol=0.1)
    # two exponential filters in a row have this autocorrelation
    lag = 40
    slow, fast = np.exp(-1 / memory), np.exp(-1 / smoothness)
    weight_slow, weight_fast = slow / (1 - slow**2), fast / (1 - fast**2)
    expected = (weight_slow * slow**lag - weight_fast * fast**lag) / (weight_slow - weight_fast)
    measured = (walks[:, :-lag] * walks[:, lag:]).mean() / walks.var()
    assert measured == pytest.approx(expected, abs=0.04)
    assert np.abs(np.diff(walks, axis=1)).max() < 0.1


@pytest.mark.parametrize("part", [add_random_walk, add_change_points])
def test_parts_that_are_absent_add_nothing_and_draw_nothing(part: Callable[..., None]) -> None:
    assert not added(part).any()
    assert not added(add_seasonality, first=0, season_jitter=9.0).any()
