"""The protocol synthetic: held-out draws of the model's own corpus, each counting alike, by mechanism."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgnn.corpus.build import commit, make_block, prepare
from sgnn.corpus.reader import open_corpus
from sgnn.corpus.recipe import load_recipe
from sgnn.evaluation.baselines import CHEAP
from sgnn.evaluation.benchmark import Benchmark, Forecasts, scored
from sgnn.evaluation.protocol import find_protocol
from sgnn.evaluation.synthetic import Synthetic, in_own_units, spread_origins
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.learning.stream import HELD_OUT_EVERY
from sgnn.learning.task import make_task
from sgnn.settings import Settings, load_settings

HELD_OUT = 8


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home folder with a small corpus of several mechanisms."""
    return load_settings(home=tmp_path_factory.mktemp("synthetic"), workers=1)


@pytest.fixture(scope="module")
def model(settings: Settings) -> Model:
    """An untrained network for the tiny version of a recipe whose corpus is there."""
    recipe = load_recipe("covid").tiny()
    plan = prepare(recipe, settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)
    corpus = open_corpus(recipe.corpus.name, settings)
    assert corpus.number == HELD_OUT * HELD_OUT_EVERY
    task = make_task(recipe.model.task, recipe.model.settings)
    provenance = {"corpus_content_digest": corpus.content_digest}
    return Model(task, task.network(corpus.schema).eval(), corpus.schema, provenance)


@pytest.fixture(scope="module")
def benchmark(model: Model, settings: Settings) -> Benchmark:
    """The protocol beside its cheap baselines."""
    return Synthetic(methods=CHEAP).run(model, settings, "untrained")


def test_only_held_out_draws_are_scored(benchmark: Benchmark) -> None:
    draws = [int(name.removeprefix("draw ")) for name in benchmark.forecasts.series]
    assert 0 < len(draws) <= HELD_OUT
    assert {draw % HELD_OUT_EVERY for draw in draws} == {HELD_OUT_EVERY - 1}


def test_every_draw_is_in_the_group_of_its_mechanism(benchmark: Benchmark, model: Model, settings: Settings) -> None:
    rows = sorted(row for group in benchmark.groups.values() for row in group)
    assert rows == list(range(len(benchmark.forecasts.series)))
    corpus = open_corpus(model.provenance["corpus_content_digest"], settings)
    mechanism = np.concatenate([corpus.read(block, ["mechanism"])["mechanism"] for block in corpus.blocks])
    for name, group in benchmark.groups.items():
        for row in group:
            draw = int(benchmark.forecasts.series[row].removeprefix("draw "))
            assert corpus.schema.mechanisms[mechanism[draw]] == name


def test_the_document_has_scores_by_mechanism_and_names_the_corpus(benchmark: Benchmark, model: Model) -> None:
    document = benchmark.to_json()
    assert set(document["groups"]) == set(benchmark.groups)
    assert list(document["data"].values()) == [model.provenance["corpus_content_digest"]]
    assert document["notes"][0].startswith(f"{len(benchmark.forecasts.series)} held-out draws, 3 origins each")
    assert document["scores"]["forecasts"] > 0


def test_the_protocol_is_found_by_its_name_and_has_a_tiny_version() -> None:
    assert isinstance(find_protocol("synthetic"), Synthetic)
    assert Synthetic().tiny().methods == CHEAP


@given(st.integers(10, 300), st.integers(1, 8), st.integers(1, 30))
def test_origins_leave_a_context_and_all_truths(steps: int, horizon: int, least: int) -> None:
    if steps < least + horizon:
        return
    origins = spread_origins(steps, least, horizon)
    assert origins
    assert origins[0] >= least - 1
    assert origins[-1] + horizon <= steps - 1


def test_a_large_draw_counts_no_more_than_a_small_one() -> None:
    chance = np.random.default_rng(0)
    truth = chance.gamma(4, 5, (2, 10, 4))
    quantiles = np.linspace(0.5, 1.5, len(LEVELS))
    made = {name: (truth * shift)[..., None] * quantiles for name, shift in (("model", 1.1), ("last_value", 1.3))}
    small = Forecasts(made, truth, np.array(LEVELS), ("a", "b"), tuple(range(10)), chance.gamma(4, 5, (2, 20)))
    size = np.array([1.0, 1e5])
    large = replace(
        small,
        methods={name: one * size[:, None, None, None] for name, one in made.items()},
        truth=truth * size[:, None, None],
        values=small.values * size[:, None],
    )
    one, other = scored(in_own_units(small)), scored(in_own_units(large))
    assert other["scores"]["mae"] == pytest.approx(one["scores"]["mae"])
    assert other["scores"]["relative_wis"] == pytest.approx(one["scores"]["relative_wis"])
    assert other["scores"]["coverage"] == one["scores"]["coverage"]
