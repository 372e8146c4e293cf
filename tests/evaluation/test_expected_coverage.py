"""Coverage of regions about random points: what marginals do not show, joint samples do."""

from __future__ import annotations

import numpy as np
from scipy import stats

from sgnn.evaluation.expected_coverage import (
    CREDIBILITIES,
    credibility_of_quantiles,
    credibility_of_samples,
    expected_coverage,
)
from sgnn.learning.forecast.levels import LEVELS

Q = np.array(LEVELS)
SERIES, SAMPLES = 1500, 300


def gap(credibility: np.ndarray) -> float:
    return float(np.abs(expected_coverage(credibility) - CREDIBILITIES).max())


def posterior(correlation: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Samples of two parameters that are correlated so, and truths that are correlated by 0.9."""
    chance = np.random.default_rng(seed)

    def noise(share: float, *shape: int) -> np.ndarray:
        root = np.linalg.cholesky(np.array([[1.0, share], [share, 1.0]]))
        return np.asarray(chance.normal(size=(*shape, 2)) @ root.T)

    centre = chance.normal(size=(SERIES, 1, 2))
    return centre + noise(correlation, SERIES, SAMPLES), centre[:, 0] + noise(0.9, SERIES)


def test_samples_of_the_true_posterior_cover_what_they_say() -> None:
    assert gap(credibility_of_samples(*posterior(0.9))) < 0.03


def test_samples_with_right_marginals_and_no_correlation_are_found_out() -> None:
    assert gap(credibility_of_samples(*posterior(0.0))) > 0.05


def test_quantiles_of_the_true_posterior_cover_what_they_say_and_biased_ones_do_not() -> None:
    chance = np.random.default_rng(1)
    centre = chance.normal(size=SERIES)
    truth = centre + chance.normal(size=SERIES)
    quantiles = centre[:, None] + stats.norm.ppf(Q)
    assert gap(credibility_of_quantiles(quantiles, Q, truth)) < 0.05
    assert gap(credibility_of_quantiles(quantiles + 1.0, Q, truth)) > 0.1
    assert gap(credibility_of_quantiles(centre[:, None] + 0.5 * stats.norm.ppf(Q), Q, truth)) > 0.1


def test_answers_that_are_missing_are_left_out() -> None:
    quantiles = np.broadcast_to(stats.norm.ppf(Q), (6, len(Q))).copy()
    quantiles[2] = np.nan
    assert len(credibility_of_quantiles(quantiles, Q, np.array([0.0, 1.0, 0.0, np.nan, 2.0, 1.0]))) == 4
