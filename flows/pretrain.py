"""The pretrain flow: a committed corpus in, a trained model's folder out. Training runs in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.cancellation import say_cancelled
from flows.page import link, publish
from flows.results import Trained, committed_corpus, keep_trained, trained_before, training_key, with_places
from flows.stage import stage, told
from flows.surroundings import read_recipe, surroundings
from flows.terminal import Meter, duration
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe
from sgnn.learning.job import Resume
from sgnn.learning.launch import Launch

if TYPE_CHECKING:
    from sgnn.tracking.runs import Run

CURVES = ("training_loss", "held_out_loss", "windows_per_second", "data_wait", "learning_rate")
"""Figures of a training process's events that are kept as curves."""
SHOWN = ("steps", "windows", "seconds", "windows_per_second", "data_wait", "held_out_loss", "parameters", "resumed")
"""Figures of a finished training that stand in tables."""


@flow(name="pretrain", flow_run_name="pretrain {recipe}", validate_parameters=False, on_crashed=[say_cancelled])
def pretrain(recipe: str, tiny: bool = False, resume: Resume = "auto") -> Trained:
    """Train the recipe's network on its committed corpus, unless that was done before."""
    wanted, settings = read_recipe(recipe, tiny), surroundings().settings
    with stage("pretrain", wanted) as run:
        corpus = committed_corpus(wanted, settings)
        trained = trained_before(wanted, corpus, settings) if resume == "auto" else None
        if trained is None:
            trained = train(wanted, corpus, resume, run)
        else:
            surroundings().terminal.say(f"pretrain  unchanged: {trained.folder}")
        report(trained, wanted, run)
    return trained


@task(task_run_name="train {wanted.name}", cache_policy=NO_CACHE, persist_result=False)
def train(wanted: Recipe, corpus: Corpus, resume: Resume, run: Run) -> Trained:
    """Train in a child process; killed and started again it goes on from its last checkpoint."""
    from sgnn.learning.process import start_training
    from sgnn.tracking.models import folder_digest

    around = surroundings()
    folder = around.settings.models_folder / f"{wanted.name}-{training_key(wanted, corpus, around.settings)[:12]}"
    around.terminal.say(f"training  log in {folder / 'training.log'}")
    with around.terminal.meter("pretrain", 1.0) as meter:
        place = f"{corpus.store.url}@{corpus.version}"
        launch = Launch(around.settings.decoded_folder, around.settings.devices, around.settings.launcher)
        recipe = with_places(wanted, around.settings)
        result = start_training(recipe, place, folder, resume, listener(meter, run), launch)
    figures = {name: value for name, value in asdict(result).items() if name != "model"}
    digest = folder_digest(Path(result.model))
    trained = Trained(result.model, digest, corpus.digest, corpus.version, figures)
    outcome = (
        f"{result.steps:,} steps in {duration(result.seconds)}, {result.windows_per_second:,.0f} windows/s, "
        f"held-out loss {result.held_out_loss:.4f}"
    )
    around.terminal.say(f"pretrain  {outcome}")
    keep_trained(trained, wanted, corpus, around.settings, told(outcome, result.seconds, run))
    return trained


def listener(meter: Meter, run: Run) -> Callable[[Mapping[str, Any]], None]:
    """Shows the training process's events on the terminal and keeps their figures as curves in MLflow."""

    def hear(event: Mapping[str, Any]) -> None:
        if "progress" not in event:
            return
        figures = {name: event[name] for name in CURVES if name in event}
        run.log_metrics(figures, int(event["step"]))
        loss = figures.get("training_loss", float("nan"))
        meter.update(event["progress"], f"loss {loss:.4f}, {figures.get('windows_per_second', 0):,.0f} windows/s")

    return hear


def report(trained: Trained, wanted: Recipe, run: Run) -> None:
    """Leave the figures and the learning curve in the Prefect page and in MLflow."""
    figures = {name: trained.figures[name] for name in SHOWN if name in trained.figures}
    rows = [(name.replace("_", " "), value) for name, value in figures.items()]
    rows.append(("corpus", f"`{trained.corpus_digest}`, version {trained.corpus_version}"))
    rows.append(("folder", link(trained.folder)))
    publish(f"model-{wanted.name}", f"Model {wanted.name}", rows)
    run.log_parameters({"model": wanted.model.model_dump(), "training": wanted.training.model_dump(exclude_none=True)})
    run.log_metrics({name: float(value) for name, value in figures.items()})
    run.log_text(json.dumps(trained.figures.get("curve", []), indent=1, default=str), "curve.json")
