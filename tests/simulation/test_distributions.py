"""Distributions: what is drawn follows what is stated, in one JSON form, and nonsense is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sgnn.errors import RecipeError
from sgnn.simulation import (
    Beta,
    Categorical,
    Distribution,
    Fixed,
    Gamma,
    LogNormal,
    LogUniform,
    Normal,
    Parameter,
    Prior,
    Streams,
    Uniform,
)
from sgnn.simulation.distributions import KINDS, from_json

STATED: dict[str, tuple[Distribution, Any]] = {
    "uniform": (Uniform(-2.0, 5.0), stats.uniform(-2.0, 7.0)),
    "log_uniform": (LogUniform(1e-4, 1e2), stats.loguniform(1e-4, 1e2)),
    "normal": (Normal(3.0, 0.5), stats.norm(3.0, 0.5)),
    "log_normal": (LogNormal(2.0, 1.2), stats.lognorm(1.2, scale=2.0)),
    "beta": (Beta(3.0, 7.0), stats.beta(3.0, 7.0)),
    "gamma": (Gamma(1.5, 4.0), stats.gamma(1.5, scale=4.0)),
}


@pytest.mark.parametrize("kind", STATED)
@pytest.mark.parametrize("corpus", ["one", "two"])
def test_samples_follow_the_stated_distribution(kind: str, corpus: str) -> None:
    distribution, law = STATED[kind]
    values = Prior({"x": Parameter(distribution)}).sample(Streams(corpus, np.arange(20_000)))["x"]
    assert stats.kstest(values, law.cdf).pvalue > 1e-3


def test_categories_come_with_their_probabilities() -> None:
    prior = Prior({"x": Parameter(Categorical((1.0, 2.5, 7.0, 9.0), (0.1, 0.6, 0.3, 0.0)))})
    values = prior.sample(Streams("one", np.arange(20_000)))["x"]
    counts = [(values == value).sum() for value in (1.0, 2.5, 7.0, 9.0)]
    assert sum(counts) == 20_000
    assert counts[3] == 0
    assert stats.chisquare(counts[:3], np.array([0.1, 0.6, 0.3]) * 20_000).pvalue > 1e-3


def test_categories_without_probabilities_are_even() -> None:
    assert Categorical((1.0, 2.0, 3.0, 4.0)).probabilities == (0.25,) * 4


def test_a_fixed_value_is_always_the_same() -> None:
    assert set(Prior({"x": Parameter(Fixed(4.0))}).sample(Streams("one", np.arange(50)))["x"].tolist()) == {4.0}


def test_every_kind_is_stated_above_or_discrete() -> None:
    assert set(KINDS) == {*STATED, "categorical", "fixed"}


@pytest.mark.parametrize("distribution", [*(d for d, _ in STATED.values()), Fixed(1.0), Categorical((0.0, 1.0))])
def test_the_json_form_makes_the_same_distribution_again(distribution: Distribution) -> None:
    document = json.loads(json.dumps(distribution.to_json()))
    assert from_json(document) == distribution
    assert from_json(document).to_json() == document


def test_whole_and_decimal_numbers_are_the_same_distribution() -> None:
    assert json.dumps(Uniform(0, 1).to_json()) == json.dumps(Uniform(0.0, 1.0).to_json())
    assert json.dumps(Normal(0, np.float32(2)).to_json()) == json.dumps(Normal(0.0, 2.0).to_json())
    assert json.dumps(Categorical((0, 1)).to_json()) == json.dumps(Categorical((0.0, 1.0), (0.5, 0.5)).to_json())


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"distribution": "uniforn", "low": 0, "high": 1}, "unknown distribution 'uniforn'"),
        ({"low": 0, "high": 1}, "unknown distribution None"),
        ({"distribution": ["uniform"]}, "unknown distribution"),
        ({"distribution": "uniform", "low": 0, "hight": 1}, "unknown argument 'hight'"),
        ({"distribution": "uniform", "low": 0}, "missing 1 required positional argument: 'high'"),
        ({"distribution": "uniform", "low": 0, "high": [1]}, r"high is \[1\]"),
        ({"distribution": "uniform", "low": None, "high": 1}, "low is None"),
        ({"distribution": "uniform", "low": True, "high": 1}, "low is True"),
        ({"distribution": "uniform", "low": 2, "high": 1}, "low must not be above high"),
        ({"distribution": "uniform", "low": 0, "high": float("inf")}, "must be finite"),
        ({"distribution": "log_uniform", "low": 0, "high": 1}, "low must be positive"),
        ({"distribution": "normal", "mean": 0, "sd": -1}, "sd must not be negative"),
        ({"distribution": "log_normal", "median": 0, "sd": 1}, "median must be positive"),
        ({"distribution": "beta", "a": 0, "b": 1}, "a must be positive"),
        ({"distribution": "gamma", "shape": 1, "scale": -2}, "scale must be positive"),
        ({"distribution": "categorical", "values": []}, "0 values"),
        ({"distribution": "categorical", "values": ["a"]}, "could not convert"),
        ({"distribution": "categorical", "values": [1, 2], "probabilities": [1]}, "2 values"),
        ({"distribution": "categorical", "values": [1, 2], "probabilities": [0.5, 0.4]}, "2 values"),
        ({"distribution": "categorical", "values": [1, 2], "probabilities": [1.5, -0.5]}, "2 values"),
    ],
)
def test_what_makes_no_distribution_is_refused_by_name(document: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        from_json(document)
