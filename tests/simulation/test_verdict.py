"""The verdict on values: finite, in range, or declared missing; padding is nobody's value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sgnn.simulation import Variable
from sgnn.simulation.verdict import outside

NAN, INF = np.nan, np.inf


def variable(dtype: str = "float32", **settings: Any) -> Variable:
    return Variable("x", ("row",), dtype, "", "latent", **settings)


@pytest.mark.parametrize(
    ("declared", "values", "reason"),
    [
        (variable(), [1.0, -1e30], None),
        (variable(), [1.0, NAN], "'x' is nan, not a finite number"),
        (variable(), [INF, 1.0], "'x' is inf, not a finite number"),
        (variable(valid_range=(0.0, INF)), [0.0, 3e38], None),
        (variable(valid_range=(0.0, INF)), [0.0, INF], "'x' is inf, not a finite number"),
        (variable(valid_range=(0.0, INF)), [5.0, -0.5], "'x' is -0.5, outside [0, inf]"),
        (variable(missing=True, valid_range=(0.0, 9.0)), [NAN, NAN], None),
        (variable(missing=True, valid_range=(0.0, 9.0)), [NAN, 10.0], "'x' is 10.0, outside [0, 9]"),
        (variable(missing=True), [NAN, -INF], "'x' is -inf, not a finite number"),
        (variable("int32", valid_range=(0, 9)), [0, 9], None),
        (variable("int32", valid_range=(0, 9)), [0, 10], "'x' is 10, outside [0, 9]"),
        (variable("int64"), [-(2**62), 2**62], None),
        (variable("bool"), [True, False], None),
    ],
)
def test_a_value_is_outside_when_it_is_not_what_was_declared(
    declared: Variable, values: list[float], reason: str | None
) -> None:
    fine = np.ones(2, dtype=declared.dtype)
    arrays = {"x": np.stack([fine, np.array(values, dtype=declared.dtype)])}
    assert outside([declared], arrays) == ({} if reason is None else {1: reason})


def test_padding_is_not_looked_at_and_a_length_that_cannot_be_is() -> None:
    ragged, size = variable(size="n", valid_range=(1.0, 9.0)), Variable("n", (), "int16", "", "latent")
    arrays = {
        "x": np.array([[2.0, NAN, NAN], [NAN, 2.0, NAN], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]),
        "n": np.array([1, 2, 0, 4, -1], dtype=np.int16),
    }
    assert outside([ragged, size], arrays) == {
        1: "'x' is nan, not a finite number",
        3: "'n' is 4, outside [0, 3]",
        4: "'n' is -1, outside [0, 3]",
    }


def test_the_first_variable_that_is_outside_gives_the_reason() -> None:
    first, second = variable(), Variable("y", (), "float64", "", "latent")
    arrays = {"x": np.array([[NAN, 1.0]]), "y": np.array([INF])}
    assert outside([first, second], arrays) == {0: "'x' is nan, not a finite number"}
