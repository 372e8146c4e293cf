"""Periods in stages keep their means; the generation interval is that of a chain of steps."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics.outbreaks.periods import Period, generation_moments, period_of, reproduction_number


def of(stages: int, leave: float) -> Period:
    return Period(np.array([stages]), np.array([leave]))


def waits(period: Period, longest: int = 4000) -> np.ndarray:
    """Probability (step,) of a period of so many steps, from none on."""
    one = period.leave[0] * (1.0 - period.leave[0]) ** np.arange(longest)
    geometric, found = np.concatenate([[0.0], one[:-1]]), np.eye(1, longest)[0]
    for _ in range(int(period.stages[0])):
        found = np.convolve(found, geometric)[:longest]
    return found


@pytest.mark.parametrize("latent", [of(0, 1.0), of(1, 0.2), of(4, 0.3)])
@pytest.mark.parametrize("infectious", [of(1, 1.0), of(1, 0.05), of(6, 0.4)])
def test_moments_are_those_of_the_chain_counted_step_by_step(latent: Period, infectious: Period) -> None:
    still = 1.0 - np.cumsum(waits(infectious))
    # infectious in step j with the chance of a period of j steps or more
    infecting = np.concatenate([[0.0], np.concatenate([[1.0], still[1:-1]])])
    law = np.convolve(waits(latent), infecting / infecting.sum())
    steps = np.arange(len(law))
    mean = law @ steps
    found_mean, found_sd = generation_moments(latent, infectious)
    assert found_mean[0] == pytest.approx(mean, rel=1e-6)
    assert found_sd[0] == pytest.approx(np.sqrt(max(law @ (steps - mean) ** 2, 0.0)), rel=1e-5, abs=1e-6)


def test_a_period_keeps_its_mean_with_as_many_stages_as_steps_allow() -> None:
    mean = np.array([0.3, 1.0, 3.5, 40.0])
    found = period_of(mean, np.full(4, 6.0), 1)
    assert found.stages.tolist() == [1, 1, 3, 6]
    np.testing.assert_allclose(found.mean, np.maximum(mean, 1.0))
    assert period_of(mean, np.full(4, 6.0), 0).stages.tolist() == [0, 1, 3, 6]


def test_more_stages_make_a_narrower_interval() -> None:
    spreads = [generation_moments(*(period_of(np.array([20.0]), np.array([n]), 1),) * 2)[1][0] for n in (1.0, 2.0, 6.0)]
    assert spreads[0] > spreads[1] > spreads[2]


def test_one_stage_each_gives_the_textbook_relation_of_growth_and_r0() -> None:
    assert reproduction_number(0.1, (4.0, 1), (5.0, 1)) == pytest.approx((1.0 + 0.1 * 4.0) * (1.0 + 0.1 * 5.0))
    # a fixed infectious period, the limit of many stages
    fixed = 0.1 * 5.0 / (1.0 - np.exp(-0.1 * 5.0))
    assert reproduction_number(0.1, (1e-9, 1), (5.0, 10_000)) == pytest.approx(fixed, rel=1e-4)
