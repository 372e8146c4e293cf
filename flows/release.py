"""The release flow: log the model, register it, let the gates decide, write its card and the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.cancellation import say_cancelled
from flows.kept import recipe_digest, run_folder
from flows.page import link, publish
from flows.pretrain import SHOWN
from flows.results import (
    Released,
    Scored,
    Trained,
    benchmark_folder,
    committed_corpus,
    keep_released,
    released_before,
    scored_by,
    standing,
    trained_model,
)
from flows.stage import stage
from flows.surroundings import read_recipe, surroundings
from sgnn.corpus.reader import Corpus
from sgnn.corpus.recipe import Recipe
from sgnn.errors import GateRefused

if TYPE_CHECKING:
    from sgnn.corpus.audit import Audit
    from sgnn.tracking.lineage import Lineage
    from sgnn.tracking.registry import Version
    from sgnn.tracking.runs import Run


@flow(name="release", flow_run_name="release {recipe}", validate_parameters=False, on_crashed=[say_cancelled])
def release(recipe: str, tiny: bool = False) -> Released:
    """Register the recipe's model as candidate, promote it if its gates pass, and write the report."""
    wanted, settings = read_recipe(recipe, tiny), surroundings().settings
    with stage("release", wanted) as run:
        corpus, trained = committed_corpus(wanted, settings), trained_model(wanted, settings)
        scored = scored_by(wanted, trained, settings)
        released = released_before(wanted, trained, scored, settings)
        if released is None:
            audited = look_at(corpus)
            version = register(wanted, corpus, trained, scored, audited, run)
            version, refused = promote(version, run)
            written = write_report(wanted, corpus, trained, scored, version, audited, run)
            released = Released(wanted.name, version.number, standing(version.aliases), refused, str(written))
            keep_released(released, wanted, trained, scored, settings)
        report(released)
    return released


@task(task_run_name="audit {corpus.name}", cache_policy=NO_CACHE, persist_result=False)
def look_at(corpus: Corpus) -> Audit:
    """An audit of a few blocks, which tells what readers of report and datasheet must know."""
    from sgnn.corpus.audit import audit

    return audit(corpus, quick=True)


@task(task_run_name="register {wanted.name}", cache_policy=NO_CACHE, persist_result=False)
def register(wanted: Recipe, corpus: Corpus, trained: Trained, scored: Scored, audited: Audit, run: Run) -> Version:
    """The trained model as a registered version, card, datasheet and benchmarks beside it; once however often."""
    from sgnn.corpus.datasheet import datasheet, datasheet_facts
    from sgnn.tracking import registry
    from sgnn.tracking.card import model_card
    from sgnn.tracking.card_facts import card_facts
    from sgnn.tracking.gates import evaluate
    from sgnn.tracking.models import DATASHEET, LoggedForecaster, log_forecaster

    benchmarks = dict(scored.benchmarks)
    known = registry.find_registered(run.tracking, wanted.name, trained.digest)
    if known is not None:
        logged = LoggedForecaster(known.model_id, known.location, known.run_id, known.digest)
        return registry.register(run.tracking, wanted.name, logged, known.lineage, benchmarks, known.gates, known.card)
    champions = [one for one in registry.list_versions(run.tracking) if registry.CHAMPION in one.aliases]
    rival = next((one for one in champions if one.name == wanted.name), None)
    rivals = None if rival is None else registry.read_benchmarks(run.tracking, rival)
    lineage = lineage_of(wanted, corpus, run)
    figures = {name: trained.figures[name] for name in SHOWN if name in trained.figures}
    outcomes = evaluate(wanted.gates, benchmarks, rivals)
    card = model_card(card_facts(wanted, corpus, lineage, training=figures, benchmarks=benchmarks, gates=outcomes))
    sheet = datasheet(datasheet_facts(corpus, audited, wanted.description))
    run.log_text(sheet, DATASHEET)
    logged = log_forecaster(
        run, Path(trained.folder), wanted.name, card, datasheet=sheet, benchmarks=benchmarks, parameters=figures
    )
    return registry.register(run.tracking, wanted.name, logged, lineage, benchmarks, wanted.gates, card)


@task(task_run_name="promote {version.ref}", cache_policy=NO_CACHE, persist_result=False)
def promote(version: Version, run: Run) -> tuple[Version, str]:
    """The version after its gates have decided, and which of them refused it by how much."""
    from sgnn.tracking import promotion

    if version.decisions and version.decisions[-1]["decision"] == "rolled back":
        return (
            version,
            f"{version.ref} was rolled back by people; `sgnn models promote {version.ref}` takes it up again",
        )
    try:
        return promotion.promote(run.tracking, version.name, version.number, why="its recipe was run"), ""
    except GateRefused as error:
        return version, str(error)


@task(task_run_name="report on {version.ref}", cache_policy=NO_CACHE, persist_result=False)
def write_report(
    wanted: Recipe, corpus: Corpus, trained: Trained, scored: Scored, version: Version, audited: Audit, run: Run
) -> Path:
    """The report's file: one page that opens offline."""
    from sgnn.evaluation import report
    from sgnn.evaluation.outcome import load_outcome
    from sgnn.tracking import promotion

    settings = surroundings().settings
    outcomes = promotion.judge(run.tracking, version)
    kept = run_folder(wanted, settings)
    stages = ("corpus", "pretrain", *(f"benchmark-{protocol}" for protocol in scored.benchmarks))
    told = [(name, kept.told(name)) for name in stages]
    content = report.ReportContent(
        recipe=wanted,
        model=version.ref,
        alias=standing(version.aliases),
        corpus=corpus,
        training=trained.figures,
        benchmarks={one: load_outcome(benchmark_folder(wanted, one, settings)) for one in scored.benchmarks},
        missing=scored.missing,
        gates=[report.GateLine(one.gate, one.expected, one.reason, one.passed) for one in outcomes],
        stages=[report.Stage(name, one.outcome, one.seconds, one.run, one.flow_run) for name, one in told if one],
        provenance=provenance(version),
        environment=environment(),
        command=f"sgnn run {wanted.name}",
        audit=audited,
    )
    file = settings.reports_folder / f"{version.name}-{version.number}" / "report.html"
    report.write_report(content, file)
    run.log_file(file)
    return file


def provenance(version: Version) -> list[tuple[str, str]]:
    """Where the model comes from, as lines of name and value."""
    lineage = version.lineage
    return [
        ("recipe digest", lineage.recipe_digest),
        ("corpus digest", f"{lineage.corpus_digest}, version {lineage.corpus_version}"),
        ("corpus content", lineage.corpus_content_digest),
        ("model digest", version.digest),
        ("code", f"sgnn {lineage.code} {lineage.git_commit}{' with changes' if lineage.git_dirty else ''}".strip()),
        ("MLflow run", version.run_id),
    ]


def environment() -> list[tuple[str, str]]:
    """The machine and the packages that figures depend on, as lines of name and value."""
    from sgnn.tracking.provenance import installed_packages, machine

    packages = dict(package.split("==") for package in installed_packages())
    telling = ("torch", "numba", "numpy", "zarr", "dask", "prefect", "mlflow")
    return [*machine().items(), *((name, packages[name]) for name in telling if name in packages)]


def lineage_of(wanted: Recipe, corpus: Corpus, run: Run) -> Lineage:
    """What the version is made from."""
    from sgnn.tracking.lineage import Lineage
    from sgnn.tracking.provenance import code_version

    code = code_version()
    return Lineage(
        recipe_name=wanted.name,
        recipe_digest=recipe_digest(wanted),
        corpus_name=corpus.name,
        corpus_digest=corpus.digest,
        corpus_version=corpus.version,
        corpus_content_digest=corpus.content_digest,
        pipeline_run=run.run_id,
        recipe=wanted.model_dump(mode="json", exclude_defaults=True),
        code=code.version,
        git_commit=code.commit or "",
        git_dirty=code.dirty,
    )


def report(released: Released) -> None:
    """Say what became of the model, on the terminal and in the Prefect page."""
    line = f"{released.model}/{released.version} is {released.alias or 'superseded'}"
    surroundings().terminal.say(f"release   {released.refused or line}")
    rows = [("version", f"{released.model}/{released.version}"), ("alias", released.alias)]
    rows += [("refused", released.refused)] if released.refused else []
    publish(f"release-{released.model}", f"Release: {line}", [*rows, ("report", link(released.report))])
