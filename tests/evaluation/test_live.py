"""What is said once the world has gone on: scores out of their band, series that look like nothing simulated."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.evaluation.live import Band, drift, estrangement


def scores(coverage: float, relative_wis: float, forecasts: int = 100) -> dict[str, object]:
    return {"forecasts": forecasts, "coverage": {"90": coverage}, "relative_wis": relative_wis}


@pytest.mark.parametrize(
    ("coverage", "relative_wis", "forecasts", "said"),
    [
        (0.9, 0.8, 100, []),
        (0.5, 0.8, 100, ["90 % intervals covered 50%, expected 75% to 100%"]),
        (0.9, 1.5, 100, ["relative WIS is 1.50, expected at most 1.20"]),
        (0.5, 1.5, 29, []),
    ],
)
def test_scores_out_of_their_band_are_told_once_there_are_enough(
    coverage: float, relative_wis: float, forecasts: int, said: list[str]
) -> None:
    assert list(drift(scores(coverage, relative_wis, forecasts), Band())) == said


@pytest.mark.parametrize(
    ("untypical", "typical", "told"),
    [
        (0, 20, False),
        # one of two by chance is no rarity
        (1, 1, False),
        (2, 0, True),
        (5, 15, False),
        (6, 14, True),
    ],
)
def test_series_like_nothing_simulated_are_told_where_they_are_many_and_more_than_chance_makes(
    untypical: int, typical: int, told: bool
) -> None:
    said = estrangement([0.01] * untypical + [0.4] * typical + [np.nan], Band())
    assert bool(said) == told
    if told:
        assert f"{untypical} of {untypical + typical} series" in said[0]


def test_simulated_series_are_hardly_ever_told_to_be_like_nothing_simulated() -> None:
    generator = np.random.default_rng(1)
    told = [
        bool(estrangement(generator.uniform(size=number).tolist(), Band())) for number in [1, 2, 3, 5, 10, 50] * 300
    ]
    assert np.mean(told) <= 0.05
