"""A model of cascades knows what taught it: snapshots stay whole, and what was never simulated is told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from sgnn.corpus.build import commit, make_block, prepare
from sgnn.corpus.reader import open_corpus
from sgnn.corpus.recipe import Recipe, load_recipe
from sgnn.domains.cascades.graphs.families import random_graph
from sgnn.domains.cascades.observation import Snapshot
from sgnn.domains.cascades.observation.given import given_snapshot
from sgnn.domains.cascades.observation.kernel import NONE
from sgnn.domains.cascades.source.inputs import SEEN
from sgnn.domains.cascades.source.summaries import snapshot_summaries
from sgnn.domains.cascades.spread.continuous import contagion
from sgnn.domains.cascades.spread.models import SICascade
from sgnn.learning.domain import cloud
from sgnn.learning.judging import judge, make_domain
from sgnn.learning.model import Model
from sgnn.learning.task import make_task
from sgnn.settings import Settings
from sgnn.simulation import Component, DrawGenerator, Mixture, ObservationPipeline
from sgnn.simulation.random import open_stream


def small() -> Recipe:
    """The shipped recipe, with few and small draws."""
    recipe = load_recipe("cascades")
    corpus = recipe.corpus.model_copy(update={"draws": 640, "block_draws": 640, "settings": {"nodes": 150, "most": 60}})
    return recipe.model_copy(update={"corpus": corpus})


def test_the_recipe_makes_a_corpus_whose_domain_holds_its_own_draws_and_not_others(tmp_path: Path) -> None:
    settings, recipe = Settings(home=tmp_path), small()
    plan = prepare(recipe, settings)
    for block in plan.missing:
        make_block(plan.to_json([block]), block)
    status = commit(plan)
    assert status.ok > 600
    corpus = open_corpus("cascades", settings)
    task = make_task(recipe.model.task, {"width": 16, "rounds": 2})
    assert set(task.inputs(corpus.schema)) > set(SEEN)
    torch.manual_seed(0)
    model = Model(task, task.network(corpus.schema).eval(), corpus.schema, {})
    domain = make_domain(model, [(corpus, 1.0)])
    assert domain is not None
    assert len(domain.views) == 1
    model = Model(task, model.network, corpus.schema, {}, domain)
    own = corpus.read(0, list(SEEN))
    found = judge(model, {name: values[19:640:20] for name, values in own.items()})
    assert found is not None
    assert (found.typicality < 0.05).mean() < 0.2
    # a star with a thousand nodes unreached around every leaf
    strange = {name: values[:1].copy() for name, values in own.items()}
    strange["degree"][:] = 20_000
    strange["unreached"][:] = 20_000
    odd = judge(model, strange)
    assert odd is not None
    assert odd.embedding[0] < 0.05
    assert np.isfinite(found.typicality).all()
    # as many reports on the same ties, of which none touches another
    scattered = {name: values[:1].copy() for name, values in own.items()}
    scattered["tie_counts"][:] = 0
    scattered["seen_ties"][:] = 0
    apart = judge(model, scattered)
    assert apart is not None
    assert apart.prior_predictive[0] < 0.05


def test_spread_on_a_graph_larger_than_any_that_is_taught_is_not_unlike_it_but_reports_by_lot_are() -> None:
    taught = SICascade(nodes=400, most=60)
    made = DrawGenerator(
        Mixture([Component(taught, 1.0, taught.prior())]), ObservationPipeline((Snapshot(),)), "taught"
    )
    draws = made.draws(0, 500)
    numbers = snapshot_summaries({name: draws.arrays[name][draws.status == 0] for name in SEEN})
    judge_by = cloud(numbers[::2], numbers[1::2], local=True)
    rows = random_graph(0, 5_000, 6.0, 0.5, 0, 1)
    spread, scattered = [], []
    times, over = np.empty((2, 5_000))
    for case in range(20):
        contagion(*rows, np.array([case]), 5.0, 1.0, 0.0, 0.0, 0.0, 40, open_stream(2, case), times, over)
        by_lot = np.zeros(5_000, bool)
        by_lot[np.random.default_rng(case).choice(5_000, 30, replace=False)] = True
        for found, reached in ((spread, np.isfinite(times)), (scattered, by_lot)):
            shown, _ = given_snapshot(rows, reached.astype(np.int8), np.full(5_000, np.nan), NONE)
            found.append(snapshot_summaries(shown)[0])
    assert (judge_by.p_value(np.array(spread)) < 0.025).mean() < 0.2
    assert (judge_by.p_value(np.array(scattered)) < 0.025).mean() > 0.9
