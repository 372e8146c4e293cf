from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from sgnn.corpus.block import make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.cluster import open_cluster
from sgnn.corpus.recipe import Recipe
from sgnn.settings import Settings

# workers that are commands find the functions of these tests, and the toy simulators, where this process does
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def content(recipe: Recipe) -> Callable[[Settings], str | None]:
    """Content digest of the toy corpus, built on the cluster that some settings ask for."""

    def built(settings: Settings) -> str | None:
        plan = prepare(recipe, settings)
        with open_cluster(settings) as cluster:
            for _ in cluster.run_blocks(partial(make_block, plan.to_json()), plan.missing, key=plan.key):
                pass
        return commit(plan).content_digest

    return built


@pytest.fixture
def alone(recipe: Recipe, tmp_path: Path) -> str | None:
    """Content digest of the toy corpus, made in this process without a cluster."""
    from sgnn.settings import load_settings

    plan = prepare(recipe, load_settings(home=tmp_path / "alone"))
    for block in plan.missing:
        make_block(plan.to_json(), block)
    return commit(plan).content_digest
