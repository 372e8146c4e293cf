"""A small corpus of real epidemics with a forecaster that never learnt, and one thread for small networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch

from sgnn.attribution.index import Index
from sgnn.attribution.kept import kept_index
from sgnn.corpus.build import commit, make_block, prepare
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import load_recipe
from sgnn.learning.model import Model
from sgnn.learning.task import make_task
from sgnn.settings import Settings, load_settings

DRAWS = 480


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass(frozen=True)
class Seen:
    """A corpus, a model of it, and the index of the one under the other."""

    corpus: Corpus
    model: Model
    index: Index
    settings: Settings


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """480 draws of the tiny version of `covid`."""
    settings = load_settings(home=tmp_path_factory.mktemp("attribution"))
    recipe = load_recipe("covid").tiny()
    recipe = recipe.model_copy(update={"corpus": recipe.corpus.model_copy(update={"draws": DRAWS})})
    plan = prepare(recipe, settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    commit(plan)
    corpus = open_corpus(recipe.corpus.name, settings)
    torch.manual_seed(0)
    task = make_task("forecast", {"target": "deaths", "covariates": ["admissions"], "width": 24, "depth": 1})
    provenance = {
        "corpus": corpus.name,
        "corpus_version": corpus.version,
        "corpus_content_digest": corpus.content_digest,
    }
    model = Model(task, task.network(corpus.schema).eval(), corpus.schema, provenance)
    return Seen(corpus, model, kept_index(model, corpus, None, settings), settings)
