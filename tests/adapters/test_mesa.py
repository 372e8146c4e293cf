"""Models of mesa itself, through the adapter."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sgnn.simulation import Component, DrawGenerator, Mixture
from sgnn.testing import check_simulator

sys.path.insert(0, str(Path(__file__).parent / "models"))
from toy_models.economy import STEPS, Economy, economy


def test_a_mesa_model_conforms() -> None:
    check_simulator(economy(), draws=16).raise_for_findings()


def test_parameters_and_fixed_arguments_reach_the_model() -> None:
    simulator = economy()
    made = DrawGenerator(Mixture([Component(simulator, 1.0, simulator.prior())]), None, "corpus").draws(0, 8)
    poor = made.arrays["poor"]
    # everyone starts with a coin
    assert (poor[:, 0] == 0).all()
    assert (poor[:, -1] > 0).all()
    assert (poor.max(axis=1) < np.rint(made.theta[:, 0])).all()


def test_an_output_that_the_model_does_not_collect_fails_with_what_it_does() -> None:
    simulator = economy("rich")
    made = DrawGenerator(Mixture([Component(simulator, 1.0, simulator.prior())]), None, "corpus").draws(0, 1)
    assert "data collector has poor, not the output 'rich'" in made.errors[0]


def test_a_model_that_keeps_the_generator_to_itself_is_found() -> None:
    class Deaf(Economy):
        def __init__(self, rng: Any = None, **arguments: Any) -> None:
            super().__init__(**arguments)

    simulator = economy()
    simulator._model = Deaf
    report = check_simulator(simulator, draws=16, skip=["process"])
    assert report.broken() == ("determinism",)


@pytest.mark.parametrize("draw", [0, 3])
def test_a_draw_is_what_mesa_itself_makes_with_the_same_generator(draw: int) -> None:
    simulator = economy()
    theta = {"traders": 30.2, "generosity": 0.5}
    made = simulator.simulate_one(theta, np.random.default_rng(draw))
    model = Economy(30, 0.5, coins=1, rng=np.random.default_rng(draw))
    for _ in range(STEPS):
        model.step()
    assert made["poor"].tolist() == model.datacollector.model_vars["poor"]
