"""Ascertainment that grows with testing: few are found at first, all that others would report in the end."""

from __future__ import annotations

import numpy as np

from sgnn.domains.epidemics.observation import Ascertainment
from sgnn.simulation import Streams


def found(**theta: float) -> np.ndarray:
    operator, counts = Ascertainment("cases"), np.full((200, 100), 1000.0)
    values = {name: np.full(200, value) for name, value in theta.items()}
    return operator.observe({"cases": counts}, values, Streams("tests", np.arange(200)))["cases"].mean(axis=0)


def test_the_share_found_goes_from_the_first_one_to_all() -> None:
    daily = found(present=1.0, first_share=0.1, middle_day=50.0, width=5.0)
    np.testing.assert_allclose(daily[[0, 50, 99]], [100.0, 550.0, 1000.0], rtol=0.02)
    assert (np.diff(daily) > -15.0).all()


def test_nothing_is_left_out_where_testing_does_not_grow() -> None:
    assert (found(present=0.0, first_share=0.1, middle_day=50.0, width=5.0) == 1000.0).all()
