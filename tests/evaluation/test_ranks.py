"""Simulation-based calibration by the cells between quantiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sgnn.evaluation.ranks import cell_shares, rank_cells, rank_p_value
from sgnn.learning.forecast.levels import LEVELS

Q = np.array(LEVELS)


def cells(scale: float, seed: int, number: int = 2000) -> np.ndarray:
    """Of truths about a known centre, where answers think their spread is ``scale`` times what it is."""
    chance = np.random.default_rng(seed)
    centre = chance.normal(size=number)
    quantiles = centre[:, None] + scale * stats.norm.ppf(Q)
    return rank_cells(quantiles, Q, centre + chance.normal(size=number))


def test_true_posteriors_are_called_wrong_no_more_often_than_chance_says() -> None:
    values = np.array([rank_p_value(cells(1.0, seed), Q) for seed in range(200)])
    assert np.mean(values < 0.05) < 0.1
    assert stats.kstest(values, "uniform").pvalue > 0.001


@pytest.mark.parametrize("scale", [0.8, 1.25])
def test_posteriors_too_narrow_or_too_wide_are_found_out(scale: float) -> None:
    found = rank_p_value(cells(scale, 0), Q)
    assert found is not None
    assert found < 1e-6


def test_every_truth_is_in_one_cell_and_gaps_in_none() -> None:
    quantiles = np.stack([stats.norm.ppf(Q), np.full(len(Q), np.nan), stats.norm.ppf(Q)])
    found = rank_cells(quantiles, Q, np.array([0.1, 0.0, np.nan]))
    assert found.sum() == pytest.approx(1.0)
    assert found[LEVELS.index(0.5) + 1] == 1.0


def test_a_truth_that_several_quantiles_equal_is_shared_out_among_the_cells_between_them() -> None:
    counts = np.concatenate([np.zeros(5), np.arange(1.0, 19.0)])
    found = rank_cells(counts[None], Q, np.array([0.0]))
    shares = cell_shares(Q)
    np.testing.assert_allclose(found[1:5], shares[1:5] / shares[1:5].sum())
    assert found[5:].sum() == 0.0


def test_a_hundred_truths_are_needed_to_judge() -> None:
    assert rank_p_value(cells(1.0, 0, 99), Q) is None
