"""Models of epydemix itself, through the adapter."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from epydemix import simulate

from sgnn.errors import RecipeError
from sgnn.simulation import Component, DrawGenerator, Mixture
from sgnn.testing import check_simulator

sys.path.insert(0, str(Path(__file__).parent / "models"))
from toy_models.epidemic import DAYS, model, sir, start


def test_a_model_of_epydemix_conforms() -> None:
    check_simulator(model(), draws=16).raise_for_findings()


def test_a_draw_is_what_epydemix_itself_makes_with_the_same_generator() -> None:
    theta = {"transmission": 0.4, "recovery": 0.1, "infected": 100.0}
    made = model().simulate_one(theta, np.random.default_rng(4))["infections"]
    own = simulate(
        sir(theta),
        start_date="2001-01-01",
        end_date="2001-01-30",
        initial_conditions_dict=dict(start(theta)),
        rng=np.random.default_rng(4),
        resample_frequency=None,
    )
    np.testing.assert_array_equal(made, own.transitions["S_to_I_total"])
    assert made.shape == (DAYS,)
    assert made.sum() > 100


def test_an_output_that_epydemix_does_not_give_fails_with_those_it_does() -> None:
    simulator = model("S_to_E_total")
    made = DrawGenerator(Mixture([Component(simulator, 1.0, simulator.prior())]), None, "corpus").draws(0, 1)
    assert "S_to_I_total" in made.errors[0]
    assert "not 'S_to_E_total'" in made.errors[0]


def test_where_epydemix_is_not_installed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "epydemix", None)
    with pytest.raises(RecipeError, match=r"pip install 'sgnn\[epydemix\]'"):
        model().simulate_one({"transmission": 0.4, "recovery": 0.1, "infected": 100.0}, np.random.default_rng(4))
