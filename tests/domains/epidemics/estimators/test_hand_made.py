"""Rejection under summaries made by hand finds a parameter that the summaries tell."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics.estimators.hand_made import rejection, summaries


def grown(growth: np.ndarray, seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return chance.poisson(20.0 * np.exp(growth[:, None] * np.arange(30))).astype(float)


def test_the_growth_of_an_outbreak_is_found_with_an_interval_that_holds_it() -> None:
    chance = np.random.default_rng(0)
    simulated, asked = chance.uniform(0.0, 0.2, 4000), chance.uniform(0.02, 0.18, 100)
    levels = np.array([0.05, 0.5, 0.95])
    found = rejection(summaries(grown(asked, 1)), summaries(grown(simulated, 2)), simulated, levels)
    assert np.abs(found[:, 1] - asked).mean() < 0.01
    assert ((found[:, 0] <= asked) & (asked <= found[:, 2])).mean() >= 0.85


def test_what_comes_after_the_end_changes_no_summary() -> None:
    counts = np.arange(1.0, 31.0)[None]
    longer = np.concatenate([counts, np.full((1, 20), np.nan)], axis=1)
    np.testing.assert_array_equal(summaries(counts), summaries(longer))


def test_fewer_neighbours_give_no_wider_answer_than_the_prior() -> None:
    simulated = np.random.default_rng(1).uniform(0.0, 1.0, 500)
    told = simulated[:, None] * np.ones(3)
    (found,) = rejection(np.array([[0.5, 0.5, 0.5]]), told, simulated, np.array([0.05, 0.95]), kept=20)
    assert found[1] - found[0] == pytest.approx(0.04, abs=0.03)
