"""The network of the recipe `epidemic-inference`, before it has learnt anything."""

from __future__ import annotations

from sgnn.corpus.recipe import load_recipe
from sgnn.learning.estimate.task import EstimateTask
from sgnn.learning.model import Model
from sgnn.learning.task import make_task

RECIPE = load_recipe("epidemic-inference")


def untrained(**settings: object) -> Model:
    from sgnn.corpus.assembly import generator_of
    from sgnn.corpus.digest import corpus_key

    schema = generator_of(RECIPE.corpus, corpus_key(RECIPE.corpus)).schema
    task = make_task("estimate", {**RECIPE.model.settings, "width": 8, "embedding": 16, "depth": 1, **settings})
    assert isinstance(task, EstimateTask)
    return Model(task, task.network(schema), schema, {})
