"""Priors: dependence, correlation, bounds, changes by a recipe, and draws that no neighbour disturbs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sgnn.errors import RecipeError
from sgnn.simulation import (
    Beta,
    Correlated,
    Gamma,
    LogNormal,
    LogUniform,
    Normal,
    Parameter,
    Prior,
    Streams,
    Uniform,
)

DRAWS = 20_000
STREAMS = Streams("corpus", np.arange(DRAWS))

EVERYTHING = Prior(
    {
        "beta": Parameter(Uniform(0.2, 0.4), "1/day", "transmission", "a paper"),
        "ratio": Parameter(LogUniform(0.1, 1.0)),
        "gamma": Parameter(Uniform(0.05, "beta"), "1/day"),
        "height": Parameter(Normal(1.7, 0.1), "m", bounds=(1.5, 2.0)),
        "weight": Parameter(LogNormal(70.0, 0.2), "kg"),
        "size": Parameter(Gamma(2.0, "ratio")),
    },
    (Correlated(("beta", "weight"), ((1.0, 0.8), (0.8, 1.0))),),
)


def test_an_argument_may_be_an_earlier_parameter() -> None:
    theta = EVERYTHING.sample(STREAMS)
    share = (theta["gamma"] - 0.05) / (theta["beta"] - 0.05)
    assert stats.kstest(share, "uniform").pvalue > 1e-3
    assert stats.kstest(theta["size"] / theta["ratio"], stats.gamma(2.0).cdf).pvalue > 1e-3


def test_correlated_parameters_keep_their_own_distributions_and_move_together() -> None:
    theta = EVERYTHING.sample(STREAMS)
    assert stats.kstest(theta["beta"], stats.uniform(0.2, 0.2).cdf).pvalue > 1e-3
    assert stats.kstest(theta["weight"], stats.lognorm(0.2, scale=70.0).cdf).pvalue > 1e-3
    scores = [stats.norm.ppf((theta["beta"] - 0.2) / 0.2), np.log(theta["weight"])]
    assert np.corrcoef(scores)[0, 1] == pytest.approx(0.8, abs=0.01)
    assert abs(np.corrcoef(theta["beta"], theta["ratio"])[0, 1]) < 0.03


def test_three_parameters_have_the_correlations_asked_for() -> None:
    wanted = ((1.0, 0.5, -0.3), (0.5, 1.0, 0.2), (-0.3, 0.2, 1.0))
    names = ("a", "b", "c")
    prior = Prior({name: Parameter(Normal(0.0, 1.0)) for name in names}, (Correlated(names, wanted),))
    theta = prior.sample(STREAMS)
    np.testing.assert_allclose(np.corrcoef([theta[name] for name in names]), wanted, atol=0.03)


def test_a_bounded_parameter_is_truncated_not_clipped() -> None:
    height = EVERYTHING.sample(STREAMS)["height"]
    law = stats.truncnorm(-2.0, 3.0, 1.7, 0.1)
    assert stats.kstest(height, law.cdf).pvalue > 1e-3
    assert len(np.unique(height)) == DRAWS


def test_bounds_that_hardly_any_draw_meets_are_refused() -> None:
    with pytest.raises(RecipeError, match="'x' hardly ever falls within its bounds"):
        Prior({"x": Parameter(Normal(0.0, 1.0), bounds=(50.0, 60.0))}).sample(Streams("corpus", np.arange(3)))


@pytest.mark.parametrize("bounds", [(1.0, 0.0), (0.0,), (float("nan"), 1.0), ("low", 1.0)])
def test_bounds_that_are_none_are_refused(bounds: Any) -> None:
    with pytest.raises(RecipeError, match="are not bounds"):
        Parameter(Uniform(0.0, 1.0), bounds=bounds)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12, unique=True), st.data())
def test_a_draw_has_the_same_parameters_in_every_batch_and_order(draws: list[int], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(draws))))
    streams = Streams("corpus", np.array(draws))
    theta, shuffled = EVERYTHING.sample(streams), EVERYTHING.sample(streams.take(np.array(order)))
    for name in EVERYTHING.names:
        np.testing.assert_array_equal(shuffled[name], theta[name][order])


def test_a_draw_alone_has_the_parameters_that_it_has_among_many_correlated_ones_too() -> None:
    # 37 is no multiple of what a processor multiplies at once
    many = EVERYTHING.sample(Streams("corpus", np.arange(37)))
    for draw in range(37):
        alone = EVERYTHING.sample(Streams("corpus", np.array([draw])))
        assert {name: values[0] for name, values in alone.items()} == {name: many[name][draw] for name in many}


def test_another_parameter_disturbs_none_that_was_there() -> None:
    before = Prior({"a": Parameter(Uniform(0.0, 1.0)), "b": Parameter(Beta(2.0, 3.0))})
    after = Prior({"new": Parameter(Gamma(1.0, 1.0)), **before.parameters})
    for name, values in before.sample(STREAMS).items():
        np.testing.assert_array_equal(after.sample(STREAMS)[name], values)


def test_what_was_drawn_cannot_be_written_over() -> None:
    with pytest.raises(ValueError, match="read-only"):
        EVERYTHING.sample(STREAMS)["beta"][0] = 0.0


def test_the_json_form_makes_the_same_prior_again() -> None:
    document = json.loads(json.dumps(EVERYTHING.to_json(), allow_nan=False))
    again = Prior.from_json(document)
    assert again.parameters == EVERYTHING.parameters
    assert again.correlations == EVERYTHING.correlations
    assert again.to_json() == document
    np.testing.assert_array_equal(again.sample(STREAMS)["weight"], EVERYTHING.sample(STREAMS)["weight"])


def test_the_json_form_says_unit_meaning_source_and_bounds() -> None:
    document = EVERYTHING.to_json()["parameters"]
    assert document["beta"] == {
        "distribution": "uniform",
        "low": 0.2,
        "high": 0.4,
        "unit": "1/day",
        "description": "transmission",
        "source": "a paper",
    }
    assert document["height"]["bounds"] == [1.5, 2.0]
    one_sided = Parameter(Normal(0.0, 1.0), bounds=(0.0, float("inf")))
    assert one_sided.to_json()["bounds"] == [0.0, None]
    assert Parameter.from_json(one_sided.to_json()) == one_sided


def test_a_recipe_changes_one_argument_and_nothing_else() -> None:
    changed = EVERYTHING.replace({"beta": {"low": 0.1}})
    assert changed.parameters["beta"] == Parameter(Uniform(0.1, 0.4), "1/day", "transmission", "a paper")
    assert {n: p for n, p in changed.parameters.items() if n != "beta"} == {
        n: p for n, p in EVERYTHING.parameters.items() if n != "beta"
    }
    assert changed.correlations == EVERYTHING.correlations


def test_a_recipe_gives_another_distribution_a_number_or_bounds() -> None:
    changed = EVERYTHING.replace(
        {
            "ratio": {"distribution": "beta", "a": 2, "b": 3},
            "height": {"bounds": [1.6, None]},
            "weight": {"distribution": "normal", "mean": 70.0, "sd": 5.0, "unit": "lb"},
            "gamma": 0.1,
        }
    )
    assert changed.parameters["ratio"].distribution == Beta(2.0, 3.0)
    assert changed.parameters["height"].bounds == (1.6, float("inf"))
    assert changed.parameters["weight"].unit == "lb"
    assert set(changed.sample(STREAMS)["gamma"].tolist()) == {0.1}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"betta": {"low": 0.1}}, "no parameter 'betta'; it has: beta, ratio"),
        ({"beta": {"lo": 0.1}}, "prior of 'beta': .*unknown argument 'lo'"),
        ({"beta": {"low": 0.9}}, "prior of 'beta': .*low must not be above high"),
        ({"beta": "wide"}, "prior of 'beta': expected a number or arguments, got 'wide'"),
        ({"beta": {"low": "gamma"}}, "'beta' depends on 'gamma', which does not stand before it"),
        ({"beta": {"bounds": [0.1]}}, "prior of 'beta': bounds"),
        ({"beta": {"distribution": "beta", "a": 1, "b": 1}}, "'beta' cannot be correlated"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        EVERYTHING.replace(changes)


def test_dependence_that_breaks_in_some_draw_is_refused() -> None:
    prior = Prior({"a": Parameter(Uniform(0.0, 2.0)), "b": Parameter(Uniform("a", 1.0))})
    with pytest.raises(RecipeError, match="'b' depends on a, and in some draw low must not be above high"):
        prior.sample(STREAMS)


@pytest.mark.parametrize(
    "matrix", [((1.0, 2.0), (2.0, 1.0)), ((1.0, 0.5), (0.4, 1.0)), ((1.0,),), ((2.0, 0), (0, 2.0))]
)
def test_what_is_no_correlation_matrix_is_refused(matrix: tuple[tuple[float, ...], ...]) -> None:
    parameters = {name: Parameter(Normal(0.0, 1.0)) for name in "ab"}
    with pytest.raises(RecipeError, match="of a, b is not a correlation matrix"):
        Prior(parameters, (Correlated(("a", "b"), matrix),))


@pytest.mark.parametrize(
    ("parameters", "groups"),
    [
        ({"a": Parameter(Normal(0.0, 1.0)), "b": Parameter(Beta(1.0, 2.0))}, [("a", "b")]),
        ({"a": Parameter(Normal(0.0, 1.0)), "b": Parameter(Normal(0.0, 1.0), bounds=(0.0, 1.0))}, [("a", "b")]),
        ({"a": Parameter(Normal(0.0, 1.0))}, [("a", "b")]),
        ({name: Parameter(Normal(0.0, 1.0)) for name in "abc"}, [("a", "b"), ("b", "c")]),
    ],
)
def test_what_cannot_be_joined_by_a_copula_is_refused(
    parameters: dict[str, Parameter], groups: list[tuple[str, str]]
) -> None:
    half = ((1.0, 0.5), (0.5, 1.0))
    with pytest.raises(RecipeError, match=r"parameter 'b' (cannot be correlated|is in two correlations)"):
        Prior(parameters, tuple(Correlated(names, half) for names in groups))


def test_priors_merge_where_they_agree() -> None:
    a, b = Parameter(Uniform(0.0, 1.0)), Parameter(Uniform(2.0, 3.0))
    assert Prior({"a": a}).merged(Prior({"a": a, "b": b})).names == ("a", "b")
    with pytest.raises(RecipeError, match="two priors differ in parameter 'a'"):
        Prior({"a": a}).merged(Prior({"a": b}))


def test_a_prefix_reaches_dependence_and_correlation_too() -> None:
    prefixed = EVERYTHING.prefixed("stage.")
    assert prefixed.names == tuple(f"stage.{name}" for name in EVERYTHING.names)
    assert prefixed.parameters["stage.gamma"].distribution.references() == ("stage.beta",)
    assert prefixed.correlations[0].names == ("stage.beta", "stage.weight")
