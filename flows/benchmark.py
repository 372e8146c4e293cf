"""The benchmark flow: a trained model held against every protocol of the recipe, beside baselines."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.baselines import await_baselines
from flows.cancellation import cancellable, say_cancelled
from flows.companion import companion
from flows.page import publish
from flows.results import Scored, Trained, benchmark_folder, keep_missing, keep_scored, scored_before, trained_model
from flows.stage import stage, told
from flows.surroundings import read_recipe, surroundings
from flows.terminal import duration
from sgnn.corpus.recipe import Recipe
from sgnn.settings import Settings

if TYPE_CHECKING:
    from sgnn.tracking.runs import Run


@flow(name="benchmark", flow_run_name="benchmark {recipe}", validate_parameters=False, on_crashed=[say_cancelled])
def benchmark(recipe: str, tiny: bool = False) -> Scored:
    """Score the recipe's model by each of its protocols; one whose data are missing is named and left out."""
    wanted, settings = read_recipe(recipe, tiny), surroundings().settings
    benchmarks: dict[str, Mapping[str, Any]] = {}
    missing: dict[str, str] = {}
    with stage("benchmark", wanted) as run:
        trained = trained_model(wanted, settings)
        await_baselines()
        for protocol in wanted.benchmarks:
            found = scored_before(wanted, trained, protocol, settings) or score(wanted, trained, protocol, tiny, run)
            if "missing" in found:
                missing[protocol] = str(found["missing"])
                surroundings().terminal.say(f"benchmark {protocol} is left out: {missing[protocol]}")
            else:
                benchmarks[protocol] = found
                show(protocol, found)
                run.log_benchmark(found)
    return Scored(benchmarks, missing)


@flow(
    name="benchmark model", flow_run_name="{protocol} on {model}", validate_parameters=False, on_crashed=[say_cancelled]
)
def benchmark_model(model: str, protocol: str) -> dict[str, Any]:
    """Score any model, registered or in a folder, by one protocol. Raises `MissingData` where its data are missing."""
    from sgnn.evaluation.files import MissingData
    from sgnn.tracking.reference import resolve

    settings = surroundings().settings
    folder = settings.cache / "benchmarks" / f"{protocol}-{model.replace('/', '_')}"
    with cancellable():
        scored = run_protocol(protocol, False, str(resolve(model, settings)), model, folder, settings)
    if "missing" in scored:
        raise MissingData(scored["missing"])
    # the command that asked shows the table as its result
    publish_scores(protocol, scored)
    return scored


@task(task_run_name="score by {protocol}", cache_policy=NO_CACHE, persist_result=False)
def score(wanted: Recipe, trained: Trained, protocol: str, tiny: bool, run: Run) -> dict[str, Any]:
    """Benchmark of the model by one protocol as its JSON object, or `{"missing": why}` where its data are not there."""
    terminal, settings = surroundings().terminal, surroundings().settings
    began = time.monotonic()
    folder = benchmark_folder(wanted, protocol, settings)
    scored = run_protocol(protocol, tiny, trained.folder, wanted.name, folder, settings)
    if "missing" in scored:
        keep_missing(str(scored["missing"]), wanted, protocol, settings)
        return scored
    seconds = time.monotonic() - began
    keep_scored(scored, wanted, trained, protocol, settings, told(headline(scored), seconds, run))
    terminal.say(f"benchmark {protocol} took {duration(seconds)}")
    return scored


def run_protocol(protocol: str, tiny: bool, model: str, name: str, folder: Path, settings: Settings) -> dict[str, Any]:
    """Benchmark of the model in a folder, kept in another, by a process of its own. Raises what that one raises."""
    question = {"protocol": protocol, "tiny": tiny, "model": model, "name": name, "folder": str(folder)}
    with (
        surroundings().terminal.waiting(f"benchmark {protocol}"),
        companion("flows.scoring", {"score": question}, settings, folder.with_suffix(".log")) as process,
    ):
        answer: dict[str, Any] = process.answer()
    return answer


def show(protocol: str, scored: Mapping[str, Any]) -> None:
    """Show a benchmark's scores beside those of the baselines, on the terminal and in the Prefect page."""
    from sgnn.evaluation.tables import headline_table

    surroundings().terminal.table(headline_table(scored).to_rich(protocol))
    publish_scores(protocol, scored)


def publish_scores(protocol: str, scored: Mapping[str, Any]) -> None:
    """Show a benchmark's scores beside those of the baselines in the Prefect page."""
    from sgnn.evaluation.tables import headline_table

    publish(f"benchmark-{protocol}", f"Benchmark {protocol}", text=headline_table(scored).to_markdown())


def headline(scored: Mapping[str, Any]) -> str:
    """The scores that count most, in one line."""
    from sgnn.evaluation.outcome import HEADLINE
    from sgnn.tracking.gates import figure

    found = {name.replace("_", " ").replace(".scores.", " "): figure(scored, name) for name in HEADLINE}
    return ", ".join(f"{name} {value:.3f}" for name, value in found.items() if value is not None)
