"""Weighted neighbours as a distribution."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.attribution.posterior import (
    class_probabilities,
    effective_number,
    kernel_weights,
    weighted_crps,
    weighted_quantiles,
)


def test_nearer_draws_weigh_more_and_the_edge_nothing() -> None:
    weights = kernel_weights(np.array([[0.0, 0.5, 1.0]]), np.array([1.0]))
    np.testing.assert_allclose(weights, [[1 / 1.75, 0.75 / 1.75, 0.0]])


def test_draws_that_are_all_as_far_weigh_the_same() -> None:
    np.testing.assert_allclose(kernel_weights(np.zeros((1, 4)), np.zeros(1)), 0.25)
    np.testing.assert_allclose(kernel_weights(np.full((1, 4), 2.0), np.full(1, 2.0)), 0.25)


def test_equal_weights_amount_to_all_and_one_weight_to_one() -> None:
    np.testing.assert_allclose(effective_number(np.array([[0.25] * 4, [1.0, 0, 0, 0]])), [4.0, 1.0])


def test_quantiles_of_equal_weights_are_the_ordinary_ones() -> None:
    values = np.random.default_rng(0).normal(size=(1, 400))
    levels = np.array([0.05, 0.5, 0.95])
    found = weighted_quantiles(values, np.full((1, 400), 1 / 400), levels)
    np.testing.assert_allclose(found[0], np.quantile(values, levels, method="hazen"), atol=1e-9)


def test_a_quantity_that_no_neighbour_has_has_no_quantiles() -> None:
    assert np.isnan(weighted_quantiles(np.full((1, 3), np.nan), np.full((1, 3), 1 / 3), np.array([0.5]))).all()


def test_a_mechanism_that_no_neighbour_has_is_unlikely_and_not_impossible() -> None:
    said = class_probabilities(np.zeros((1, 9), dtype=int), np.full((1, 9), 1 / 9), 2, np.array([0.5, 0.5]))
    np.testing.assert_allclose(said, [[0.95, 0.05]])


def test_the_score_is_that_of_all_pairs() -> None:
    chance = np.random.default_rng(1)
    values, weights = chance.normal(size=(5, 30)), chance.dirichlet(np.ones(30), size=5)
    truth = chance.normal(size=5)
    pairs = np.abs(values[:, :, None] - values[:, None, :])
    slow = (weights * np.abs(values - truth[:, None])).sum(1)
    slow -= 0.5 * np.einsum("qi,qj,qij->q", weights, weights, pairs)
    np.testing.assert_allclose(weighted_crps(values, weights, truth), slow)
    values[:, 0] = np.nan
    assert np.isfinite(weighted_crps(values, weights, truth)).all()
    assert np.isnan(weighted_crps(values, weights, np.full(5, np.nan))).all()
    assert weighted_crps(np.ones((1, 3)), np.full((1, 3), 1 / 3), np.ones(1)) == pytest.approx(0.0)
