"""The pretrain flow: a committed corpus in, a trained model's folder out. Training runs in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.cancellation import say_cancelled
from flows.kept import code_digest, run_folder
from flows.page import link, publish
from flows.stage import stage
from flows.surroundings import read_recipe, surroundings
from flows.terminal import Meter, duration
from sgnn.corpus.digest import corpus_key, digest_of
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.status import status
from sgnn.corpus.store import corpus_folder
from sgnn.errors import StoreError
from sgnn.settings import Settings

if TYPE_CHECKING:
    from sgnn.tracking.runs import Run

Resume = Literal["auto", "never"]
"""Go on from the last checkpoint, or start afresh."""


@dataclass(frozen=True)
class Trained:
    """A trained model, the corpus it learnt from, and what training took."""

    folder: str
    corpus_digest: str
    corpus_version: int
    figures: Mapping[str, Any]
    """Steps, windows, seconds, held-out loss and the like, and the learning curve."""


@flow(name="pretrain", flow_run_name="pretrain {recipe}", validate_parameters=False, on_crashed=[say_cancelled])
def pretrain(recipe: str, tiny: bool = False, resume: Resume = "auto") -> Trained:
    """Train the recipe's network on its committed corpus, unless that was done before."""
    wanted, settings = read_recipe(recipe, tiny), surroundings().settings
    with stage("pretrain", wanted) as run:
        corpus = committed_corpus(wanted, settings)
        trained = None if resume == "never" else trained_before(wanted, corpus, settings)
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

    around = surroundings()
    key = training_key(wanted, corpus)
    folder = around.settings.models_folder / f"{wanted.name}-{key[:12]}"
    around.terminal.say(f"training  log in {folder / 'training.log'}")
    with around.terminal.meter("pretrain", 1.0) as meter:
        place = f"{corpus.store.root}@{corpus.version}"
        result = start_training(wanted, place, folder, resume, on_event=listener(meter, run))
    figures = {name: value for name, value in asdict(result).items() if name != "model"}
    trained = Trained(result.model, corpus.digest, corpus.version, figures)
    run_folder(wanted, around.settings).keep("pretrain", key, asdict(trained), files=[Path(result.model)])
    around.terminal.say(
        f"pretrain  {result.steps:,} steps in {duration(result.seconds)}, {result.windows_per_second:,.0f} windows/s, "
        f"held-out loss {result.held_out_loss:.4f}"
    )
    return trained


def trained_before(wanted: Recipe, corpus: Corpus, settings: Settings) -> Trained | None:
    """The model that this recipe made of this corpus with this code, if it is there."""
    found = run_folder(wanted, settings).find("pretrain", training_key(wanted, corpus))
    return None if found is None else Trained(**found)


def training_key(wanted: Recipe, corpus: Corpus) -> str:
    """Digest of all that training reads: the corpus's values, the recipe's parts about it, the code."""
    return digest_of(
        {
            "corpus": corpus.content_digest,
            "model": wanted.model.model_dump(mode="json"),
            "training": wanted.training.model_dump(mode="json"),
            "code": code_digest("sgnn.learning"),
        }
    )


def committed_corpus(wanted: Recipe, settings: Settings) -> Corpus:
    """The version of the corpus that holds what the recipe asks for. Raises `StoreError` where there is none."""
    found = status(wanted, settings)
    if found.version == 0:
        raise StoreError(
            f"the corpus of recipe '{wanted.name}' is not complete: {found.made:,} of {found.asked:,} draws are made",
            remedy=f"`sgnn corpus build {wanted.name}` makes the others",
        )
    # by its folder: corpora of other recipes may have the same name
    folder = corpus_folder(settings.store_url, wanted.corpus.name, corpus_key(wanted.corpus))
    return open_corpus(f"{folder}@{found.version}", settings)


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


CURVES = ("training_loss", "held_out_loss", "windows_per_second", "data_wait", "learning_rate")
SHOWN = ("steps", "windows", "seconds", "windows_per_second", "data_wait", "held_out_loss", "parameters", "resumed")


def report(trained: Trained, wanted: Recipe, run: Run) -> None:
    """Leave the figures and the learning curve in the Prefect page and in MLflow."""
    figures = {name: trained.figures[name] for name in SHOWN if name in trained.figures}
    rows = [(name.replace("_", " "), value) for name, value in figures.items()]
    rows += [("corpus", f"`{trained.corpus_digest}` version {trained.corpus_version}"), ("folder", link(trained.folder))]
    publish(f"model-{wanted.name}", f"Model {wanted.name}", rows)
    run.log_parameters({"model": wanted.model.model_dump(), "training": wanted.training.model_dump(exclude_none=True)})
    run.log_metrics({name: float(value) for name, value in figures.items()})
    run.log_text(json.dumps(trained.figures.get("curve", []), indent=1, default=str), "curve.json")
