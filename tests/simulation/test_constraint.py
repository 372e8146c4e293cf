"""Constraints condition a prior: every draw fulfils them, and nothing else about it changes."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from sgnn.errors import RecipeError
from sgnn.simulation import Constraint, Parameter, Prior, Streams, Uniform

ABOVE = Constraint({"beta": 1.0, "gamma": -0.9}, description="R0 at least 0.9")
PARAMETERS = {"beta": Parameter(Uniform(0.1, 0.45)), "gamma": Parameter(Uniform(0.05, 0.5))}
PRIOR = Prior(PARAMETERS, constraints=(ABOVE,))


def streams(number: int, key: str = "constraint") -> Streams:
    return Streams(key, np.arange(number))


def test_every_draw_fulfils_the_constraint() -> None:
    theta = PRIOR.sample(streams(5000))
    assert (theta["beta"] >= 0.9 * theta["gamma"]).all()


def test_draws_that_fulfil_it_anyway_are_left_as_they_are() -> None:
    free, held = Prior(PARAMETERS).sample(streams(2000)), PRIOR.sample(streams(2000))
    kept = ABOVE.holds(free)
    assert 0.2 < kept.mean() < 0.9
    for name in PARAMETERS:
        np.testing.assert_array_equal(free[name][kept], held[name][kept])


def test_the_conditioned_prior_is_that_of_throwing_draws_away() -> None:
    free, held = Prior(PARAMETERS).sample(streams(60_000, "other")), PRIOR.sample(streams(30_000))
    kept = ABOVE.holds(free)
    for name in PARAMETERS:
        for level in (0.1, 0.5, 0.9):
            assert np.quantile(held[name], level) == pytest.approx(np.quantile(free[name][kept], level), abs=0.005)


def test_a_draw_does_not_depend_on_its_batch() -> None:
    whole, alone = PRIOR.sample(streams(64)), PRIOR.sample(streams(64).take(np.array([40])))
    assert whole["gamma"][40] == alone["gamma"][0]


def test_a_constraint_outlives_prefixes_changes_and_json() -> None:
    for prior in (Prior.from_json(PRIOR.to_json()), PRIOR.replace({"beta": {"low": 0.2}})):
        assert prior.constraints[0].to_json() == ABOVE.to_json()
    renamed = PRIOR.prefixed("early.")
    theta = renamed.sample(streams(500))
    assert (theta["early.beta"] >= 0.9 * theta["early.gamma"]).all()


def test_a_prior_without_constraints_has_the_json_that_it_always_had() -> None:
    assert set(Prior(PARAMETERS).to_json()) == {"parameters"}


def test_what_never_holds_is_refused() -> None:
    never = Prior(PARAMETERS, constraints=(Constraint({"beta": 1.0}, least=2.0, description="too much"),))
    with pytest.raises(RecipeError, match="'too much' hardly ever holds"):
        never.sample(streams(3))


def test_a_constraint_on_something_else_is_refused() -> None:
    with pytest.raises(RecipeError, match="names the parameter 'delta'"):
        Prior(PARAMETERS, constraints=(Constraint({"delta": 1.0}),))
    with pytest.raises(RecipeError, match="no inequality"):
        Constraint({"beta": float("nan")})


def test_a_prior_keeps_its_constraints_across_processes() -> None:
    prior = Prior({"a": Parameter(Uniform(0.0, 1.0))}, constraints=(Constraint({"a": 1.0}, 0.9),))
    again = pickle.loads(pickle.dumps(prior))
    assert again.sample(Streams("pickled", np.arange(100)))["a"].min() >= 0.9
