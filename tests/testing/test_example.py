"""The example that the kit gives of itself."""

from __future__ import annotations

import doctest

import sgnn.testing


def test_the_worked_example_does_what_it_says() -> None:
    result = doctest.testmod(sgnn.testing)
    assert result.attempted >= 3
    assert result.failed == 0
