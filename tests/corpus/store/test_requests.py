"""Requests of a build in a bucket, counted at a proxy, beside those that a plan foretells."""

from __future__ import annotations

from pathlib import Path

from sgnn.corpus.block import ensure_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.estimate import Prices, estimate
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.trial import measured, planned_layout
from sgnn.settings import load_settings
from tests.corpus.store.proxy import Proxy

DOZENS = 100
"""GETs to plan and to commit, whatever the number of draws."""


def test_a_plan_foretells_the_requests_of_a_build(recipe: Recipe, bucket: str, proxy: Proxy, tmp_path: Path) -> None:
    trial = measured(recipe.corpus, tmp_path / "trial")
    foretold = estimate(recipe.corpus, planned_layout(recipe.corpus), trial, 1, Prices()).requests
    assert proxy.counts().total() == 0
    plan = prepare(recipe, load_settings(home=tmp_path / "home", store=f"{bucket}/corpora"))
    before = proxy.counts()
    for block in plan.missing:
        ensure_block(plan.to_json(), block)
    blocks = proxy.counts() - before
    commit(plan)
    counts = proxy.counts()
    assert blocks["GET"] == foretold.get
    assert counts["PUT"] == foretold.put
    assert counts["DELETE"] == foretold.delete
    assert foretold.get < counts["GET"] < foretold.get + DOZENS
