"""Overdispersion: the mean stays, the variance is the stated one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.mark.parametrize("dispersion", [1.0, 10.0, 200.0])
@pytest.mark.parametrize("level", [3, 400])
def test_the_variance_is_that_of_a_negative_binomial(dispersion: float, level: int, stage: Callable[..., Any]) -> None:
    made = stage("overdispersion", np.full((40, 5000), level))
    after = made.observe(made.theta(dispersion=dispersion))
    variance = level + level**2 / dispersion
    assert after.mean() == pytest.approx(level, abs=5 * np.sqrt(variance / after.size))
    assert after.var() == pytest.approx(variance, rel=0.05)
