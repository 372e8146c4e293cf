"""Recipes that extend another."""

from __future__ import annotations

import pytest

from sgnn.corpus.inheritance import extended
from sgnn.errors import RecipeError

BASE = {"corpus": {"draws": 100, "simulators": [1, 2]}, "training": {"seconds": 60}}


def test_what_is_not_said_is_inherited_and_lists_are_replaced() -> None:
    child = {"extends": "base", "corpus": {"simulators": [3]}, "training": {"seconds": 10}}
    merged = extended(child, {"base": BASE}.__getitem__, "child")
    assert merged == {"corpus": {"draws": 100, "simulators": [3]}, "training": {"seconds": 10}}


def test_a_circle_is_refused_in_one_line() -> None:
    with pytest.raises(RecipeError, match="circle"):
        extended({"extends": "a"}, {"a": {"extends": "a"}}.__getitem__, "child")
