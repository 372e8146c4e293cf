"""Mixtures: mechanisms in the shares asked for, remembered by every draw, over outputs that agree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sgnn.errors import RecipeError
from sgnn.simulation import Component, Dimension, Mixture, Streams, Variable


def weighted(atoms: Any, *weights: float) -> Mixture:
    simulators = [atoms.Decay(), atoms.Growth()]
    return Mixture([Component(s, w, s.prior()) for s, w in zip(simulators, weights, strict=False)])


def test_mechanisms_come_in_the_shares_of_their_weights(atoms: Any) -> None:
    mechanisms = weighted(atoms, 3.0, 1.0).mechanisms(Streams("corpus", np.arange(20_000)))
    assert stats.chisquare(np.bincount(mechanisms), [15_000, 5_000]).pvalue > 1e-3


def test_a_mechanism_of_no_weight_is_never_drawn(atoms: Any) -> None:
    streams = Streams("corpus", np.arange(5_000))
    assert set(weighted(atoms, 0.0, 2.0).mechanisms(streams).tolist()) == {1}
    assert set(weighted(atoms, 2.0, 0.0).mechanisms(streams).tolist()) == {0}


def test_the_mechanism_of_a_draw_does_not_depend_on_the_batch(atoms: Any) -> None:
    mixture, streams = weighted(atoms, 1.0, 1.0), Streams("corpus", np.arange(100))
    order = np.random.default_rng(1).permutation(100)
    np.testing.assert_array_equal(mixture.mechanisms(streams.take(order)), mixture.mechanisms(streams)[order])


@pytest.mark.parametrize("weights", [(0.0, 0.0), (1.0, -1.0), (1.0, float("nan"))])
def test_weights_that_are_no_shares_are_refused(weights: tuple[float, ...], atoms: Any) -> None:
    with pytest.raises(RecipeError, match="weights"):
        weighted(atoms, *weights)


def test_a_mixture_of_nothing_or_of_one_simulator_twice_is_refused(atoms: Any) -> None:
    with pytest.raises(RecipeError, match="a mixture needs a simulator"):
        Mixture([])
    with pytest.raises(RecipeError, match=r"simulator 'atoms.decay' is in the mixture twice"):
        atoms.of(atoms.Decay(), atoms.Decay())


def test_simulators_that_disagree_about_a_dimension_or_variable_are_refused(atoms: Any) -> None:
    class Longer(atoms.Growth):  # type: ignore[misc]
        def dimensions(self) -> tuple[Dimension, ...]:
            return (Dimension("day", atoms.DAYS + 1, "day"),)

    class Other(atoms.Growth):  # type: ignore[misc]
        def variables(self) -> tuple[Variable, ...]:
            return (replace(super().variables()[0], unit="kg"),)

    with pytest.raises(RecipeError, match=r"simulator 'atoms.growth' has another dimension 'day' than atoms.decay"):
        atoms.of(atoms.Decay(), Longer())
    with pytest.raises(RecipeError, match=r"simulator 'atoms.growth' declares variable 'left' otherwise"):
        atoms.of(atoms.Decay(), Other())


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        (Variable("x", ("hour",), "float32", "", "latent"), "'x' has the undeclared dimension 'hour'"),
        (Variable("x", ("day",), "float32", "", "latent", size="n"), "'x' has the undeclared size variable 'n'"),
    ],
)
def test_a_variable_over_something_undeclared_is_refused(variable: Variable, said: str, atoms: Any) -> None:
    class Loose(atoms.Decay):  # type: ignore[misc]
        def variables(self) -> tuple[Variable, ...]:
            return (*super().variables(), variable)

    with pytest.raises(RecipeError, match=f"simulator 'atoms.decay': {said}"):
        atoms.of(Loose())
