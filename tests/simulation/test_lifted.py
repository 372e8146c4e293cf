"""Functions made into simulators, and whether they reach other processes."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from sgnn.simulation import (
    Component,
    Dimension,
    DrawGenerator,
    Mixture,
    Outputs,
    Parameter,
    Prior,
    Simulator,
    Streams,
    Theta,
    Uniform,
    Variable,
    lift,
    lift_batch,
)

DECLARED: dict[str, Any] = {
    "version": "3",
    "prior": Prior({"rate": Parameter(Uniform(0.1, 1.0), "1/day", "how fast it decays")}),
    "dimensions": [Dimension("day", 5, "day")],
    "variables": [Variable("left", ("day",), np.float64, "kg", "observable")],
}


def one(theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
    """A decay, one at a time."""
    return {"left": np.exp(-theta["rate"] * np.arange(5)) + generator.normal(size=5)}


def many(theta: Theta, streams: Streams) -> Outputs:
    """A decay, all at once."""
    noise = np.stack([streams.generator(row, "simulate").normal(size=5) for row in range(len(streams))])
    return {"left": np.exp(-np.outer(theta["rate"], np.arange(5))) + noise}


LIFTED = lift(one, name="toy.one", **DECLARED)
BATCHED = lift_batch(many, name="toy.one", **DECLARED)


def made(simulator: Simulator) -> np.ndarray:
    generator = DrawGenerator(Mixture([Component(simulator, 1.0, simulator.prior())]), None, "corpus")
    return generator.draws(0, 9).arrays["left"]


def test_a_function_of_a_batch_makes_what_the_same_function_of_one_draw_makes() -> None:
    np.testing.assert_array_equal(made(BATCHED), made(LIFTED))


@pytest.mark.parametrize("simulator", [LIFTED, BATCHED])
def test_a_lifted_function_says_what_it_is(simulator: Simulator) -> None:
    assert (simulator.name, simulator.version) == ("toy.one", "3")
    assert (simulator.__doc__ or "").startswith("A decay")


@pytest.mark.parametrize("simulator", [LIFTED, BATCHED])
def test_a_lifted_function_crosses_process_borders_as_the_function_does(simulator: Simulator) -> None:
    again = pickle.loads(pickle.dumps(simulator))
    np.testing.assert_array_equal(made(again), made(simulator))
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(lift(lambda *_: {}, name="toy.lambda", **DECLARED))
