"""The example that the package gives of itself."""

from __future__ import annotations

import doctest

import sgnn.simulation


def test_the_worked_example_does_what_it_says() -> None:
    result = doctest.testmod(sgnn.simulation)
    assert result.attempted >= 5
    assert result.failed == 0
