"""The content of a corpus is the same however many workers make it, in processes or threads, in any order."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from sgnn.corpus.block import ensure_block, make_block
from sgnn.corpus.build import commit, prepare
from sgnn.corpus.cluster import open_cluster
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.status import CorpusStatus
from sgnn.settings import Settings


@pytest.mark.parametrize("workers", [1, 3])
def test_any_number_of_processes_makes_the_same_corpus_from_shuffled_blocks(
    workers: int, recipe: Recipe, settings: Settings, undisturbed: CorpusStatus
) -> None:
    plan = prepare(recipe, settings)
    shuffled = random.Random(workers).sample(list(plan.missing), len(plan.missing))
    with open_cluster(settings.model_copy(update={"workers": workers})) as cluster:
        for _ in cluster.run_blocks(partial(ensure_block, plan.to_json()), shuffled, key=plan.key):
            pass
    assert commit(plan) == undisturbed


@pytest.mark.parametrize("threads", [2, 4])
def test_threads_of_one_process_make_the_same_corpus(
    threads: int, recipe: Recipe, settings: Settings, undisturbed: CorpusStatus
) -> None:
    plan = prepare(recipe, settings)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(partial(make_block, plan.to_json()), plan.missing))
    assert commit(plan) == undisturbed
