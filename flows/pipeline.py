"""The pipeline flow: simulators in, a benchmarked, registered and reported model out."""

from __future__ import annotations

from typing import Any

from prefect import flow

from flows.baselines import baselines_ahead
from flows.benchmark import benchmark
from flows.cancellation import say_cancelled
from flows.corpus import corpus
from flows.pretrain import pretrain
from flows.release import release
from flows.results import outcome
from flows.stage import whole
from flows.surroundings import read_recipe


@flow(name="pipeline", flow_run_name="pipeline {recipe}", validate_parameters=False, on_crashed=[say_cancelled])
def pipeline(recipe: str, tiny: bool = False) -> dict[str, Any]:
    """Simulate, train, benchmark, release. Every stage reads what the one before committed, and is done once."""
    wanted = read_recipe(recipe, tiny)
    with whole("pipeline", wanted), baselines_ahead(wanted, tiny):
        built = corpus(recipe, tiny)
        pretrain(recipe, tiny)
        benchmark(recipe, tiny)
        released = release(recipe, tiny)
    return outcome(built.status.recipe_digest, built.simulated, released)
