"""The recipe `epidemic-inference`: half of its draws are of the published task, half as outbreaks are met."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.corpus.assembly import generator_of
from sgnn.corpus.digest import corpus_key
from sgnn.corpus.recipe import load_recipe
from sgnn.simulation import Draws

SWITCHES = ("ascertainment_cases.present", "delay_cases.present", "outbreak_window_cases.weekly")


@pytest.fixture(scope="module")
def drawn() -> tuple[Draws, dict[str, int]]:
    """Draws, and the column of θ of each parameter."""
    section = load_recipe("epidemic-inference").corpus
    generator = generator_of(section, corpus_key(section))
    return generator.draws(0, 1200), {one.name: at for at, one in enumerate(generator.schema.parameters)}


def test_every_draw_can_be_learnt_from(drawn: tuple[Draws, dict[str, int]]) -> None:
    draws, _ = drawn
    assert not draws.errors
    assert not draws.status.any()
    for name in ("r0", "generation_interval", "generation_sd", "attack_rate", "attack_rate_without", "textbook"):
        assert np.isfinite(draws.arrays[name]).all(), name
    assert (np.nansum(draws.arrays["cases"], axis=1) >= 10.0).mean() > 0.7


def test_half_of_the_draws_are_of_the_published_task_and_are_observed_as_it_says(
    drawn: tuple[Draws, dict[str, int]],
) -> None:
    draws, columns = drawn
    textbook = draws.arrays["textbook"] == 1.0
    assert textbook.mean() == pytest.approx(0.5, abs=0.06)
    on = draws.theta[:, [columns[name] for name in SWITCHES]]
    assert not on[textbook].any()
    assert (on[~textbook].mean(axis=0) > 0.1).all()
    assert (on[~textbook].mean(axis=0) < 0.9).all()
    assert draws.theta[textbook, columns["report_cases.share_start"]].min() >= 0.05
    assert draws.theta[~textbook, columns["report_cases.share_start"]].min() < 0.03


def test_counts_by_week_come_in_whole_weeks_that_are_even(drawn: tuple[Draws, dict[str, int]]) -> None:
    draws, columns = drawn
    cases = draws.arrays["cases"][draws.theta[:, columns["outbreak_window_cases.weekly"]] > 0.5]
    known = np.isfinite(cases).sum(axis=1)
    whole = cases[(known >= 14) & (np.nansum(cases, axis=1) > 0)]
    assert len(whole) > 50
    evenly = [row[np.isfinite(row)] for row in whole]
    weeks = [row.reshape(-1, 7) for row in evenly if len(row) % 7 == 0]
    assert len(weeks) > 0.9 * len(evenly)
    assert np.mean([np.ptp(one, axis=1).max() == 0.0 for one in weeks]) > 0.9


def test_deaths_are_counted_in_half_of_the_draws_on_the_days_of_cases(drawn: tuple[Draws, dict[str, int]]) -> None:
    draws, columns = drawn
    cases, deaths = draws.arrays["cases"], draws.arrays["deaths"]
    counted = np.isfinite(deaths).any(axis=1)
    assert counted.mean() == pytest.approx(0.5, abs=0.06)
    np.testing.assert_array_equal(np.isnan(deaths[counted]), np.isnan(cases[counted]))
    fatality = draws.theta[:, columns["report_deaths.share_start"]]
    assert fatality.min() < 0.001
    assert fatality.max() > 0.2
    # of those infected in time most deaths are known by the end, and never more than die
    latent = draws.arrays["infections_daily"].astype(float)
    known = np.nansum(deaths, axis=1)
    expected = fatality * latent.sum(axis=1)
    many = counted & (expected > 50.0)
    assert many.sum() > 50
    assert (known[many] <= expected[many] + 8.0 * np.sqrt(expected[many]) + 0.5 * expected[many]).all()
    assert known[many].sum() > 0.3 * expected[many].sum()
