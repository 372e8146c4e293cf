"""The corpus flow: draw parameters, simulate, observe, write. What was made before is not made again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import task_run
from prefect.utilities.annotations import quote

from flows.cancellation import say_cancelled
from flows.kept import run_folder
from flows.page import link, publish
from flows.patience import BACKOFF, RETRIES, worth_retrying
from flows.stage import stage, told
from flows.surroundings import read_recipe, surroundings
from flows.terminal import duration
from sgnn.corpus.assembly import resources_of
from sgnn.corpus.block import ensure_block
from sgnn.corpus.build import BuildPlan, commit, plan_build, prepare
from sgnn.corpus.cluster import Cluster, open_cluster
from sgnn.corpus.growth import grown
from sgnn.corpus.plan import Block
from sgnn.corpus.reader import open_corpus
from sgnn.corpus.recipe import CorpusSection, Recipe
from sgnn.corpus.record import BlockRecord
from sgnn.corpus.sealing import Sealer
from sgnn.corpus.status import CorpusStatus

if TYPE_CHECKING:
    from sgnn.tracking.runs import Run

Value = TypeVar("Value")

BLOCKS_PER_WORKER = 32
"""Blocks of one batch for each worker: between two batches workers wait for the slowest, so not too few."""


@dataclass(frozen=True)
class Built:
    """A committed corpus, and what making it took this time."""

    status: CorpusStatus
    url: str
    """Where the corpus is: a folder, or the URL of a bucket."""
    simulated: int = 0
    """Draws simulated this time; all others were there."""
    seconds: float = 0.0
    """Wall time of simulating and writing, without the start of the cluster."""
    kernel_seconds: float = 0.0
    """Time inside simulators, summed over workers."""
    block_seconds: float = 0.0
    """Time in which workers had a block, simulators and storage together, summed over workers."""
    commit_seconds: float = 0.0
    """Wall time of the commit."""
    workers: int = 0

    @property
    def efficiency(self) -> float:
        """Share of the workers' time that was spent inside simulators."""
        return self.kernel_seconds / (self.seconds * self.workers) if self.simulated else 0.0


@flow(name="corpus", flow_run_name="corpus {recipe}", validate_parameters=False, on_crashed=[say_cancelled])
def corpus(recipe: str, tiny: bool = False, draws: int | None = None) -> Built:
    """Simulate what the recipe's corpus lacks, commit it as a version, and say what is in it."""
    wanted = read_recipe(recipe, tiny, draws)
    with stage("corpus", wanted) as run:
        built = complete(prepare(wanted, surroundings().settings))
        report(built, wanted, run)
    return built


@flow(name="grow", flow_run_name="grow {corpus} to {draws}", validate_parameters=False, on_crashed=[say_cancelled])
def grow(corpus: str, draws: int) -> Built:
    """Add draws to a corpus that is there, from the recipe that it keeps itself, and commit them as a new version."""
    opened = open_corpus(corpus, surroundings().settings)
    section = grown(opened, draws)
    with stage("corpus", section) as run:
        built = complete(plan_build(opened.store, section))
        report(built, section, run)
    return built


def complete(plan: BuildPlan) -> Built:
    """The committed corpus, with what it lacks simulated first."""
    if plan.missing:
        return simulate(unseen(plan))
    if (ahead := surroundings().cluster) is not None:
        # all blocks were there, and only their version was not
        ahead.end()
    return Built(commit(plan), plan.store.url)


class Progress:
    """What was made so far, in sums: records are not kept, for there may be a million of them."""

    def __init__(self) -> None:
        self.blocks = 0
        self.draws = 0
        self.kernel_seconds = 0.0
        self.block_seconds = 0.0

    def add(self, record: BlockRecord) -> None:
        """Count a block that was just made."""
        self.blocks += 1
        self.draws += record.block.draws
        self.kernel_seconds += record.kernel_seconds
        self.block_seconds += record.seconds


def unseen(value: Value) -> Value:
    """A task's parameter as it is: Prefect would look through all that it holds for results of other tasks."""
    return cast("Value", quote(value))


def blocks_name() -> str:
    """Name of a batch's task run in the page: its first and last block."""
    batch = task_run.parameters["batch"]
    return f"blocks {batch[0].index} to {batch[-1].index}"


@task(
    task_run_name="simulate {plan.section.name}",
    retries=RETRIES,
    retry_delay_seconds=BACKOFF,
    retry_condition_fn=worth_retrying,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def simulate(plan: BuildPlan) -> Built:
    """Make the missing blocks on a cluster, then commit. Tried again, it makes what is missing still."""
    around = surroundings()
    plan = plan if task_run.run_count == 1 else plan_build(plan.store, plan.section)
    todo, sealer = plan.missing, Sealer(plan.store, plan.survey)
    done = Progress()
    with open_cluster(around.settings, around.cluster) as cluster:
        around.terminal.say(f"Dask dashboard   {cluster.dashboard}   ({cluster.told})")
        began = time.monotonic()
        with around.terminal.meter("simulate", todo.draws) as meter:

            def made(record: BlockRecord) -> None:
                sealer.add(record)
                done.add(record)
                rate = done.draws / (time.monotonic() - began)
                meter.update(done.draws, f"block {done.blocks} of {len(todo)}, {rate:,.0f} draws/s")

            for batch in batches(todo, BLOCKS_PER_WORKER * cluster.workers):
                make_blocks(unseen(plan), unseen(batch), unseen(cluster), made)
        seconds = time.monotonic() - began
    began = time.monotonic()
    status = commit(plan, sealer)
    return Built(
        status,
        plan.store.url,
        simulated=todo.draws,
        seconds=seconds,
        kernel_seconds=done.kernel_seconds,
        block_seconds=done.block_seconds,
        commit_seconds=time.monotonic() - began,
        workers=cluster.workers,
    )


@task(task_run_name=blocks_name, cache_policy=NO_CACHE, persist_result=False)
def make_blocks(plan: BuildPlan, batch: Sequence[Block], cluster: Cluster, made: Callable[[BlockRecord], None]) -> None:
    """Make a batch of blocks, each by a Dask future of its own; `made` gets their records as they come."""
    work = partial(ensure_block, plan.to_json(batch))
    needed, key = resources_of(plan.section), f"{plan.section.name}-{plan.key[:12]}"
    for _, record in cluster.run_blocks(work, batch, key=key, resources=needed):
        made(record)


def batches(blocks: Sequence[Block], size: int) -> Iterator[Sequence[Block]]:
    """Blocks in groups of `size`, the last one smaller."""
    for start in range(0, len(blocks), size):
        yield blocks[start : start + size]


def report(built: Built, wanted: Recipe | CorpusSection, run: Run) -> None:
    """Say what the corpus holds: on the terminal, in the Prefect page, in MLflow, and to the report."""
    around, status = surroundings(), built.status
    outcome = f"{status.ok:,} of {status.asked:,} draws ok, " + (effort(built) or "nothing simulated: all were there")
    around.terminal.say(f"corpus    {status.name}@{status.version}: {outcome}")
    if built.simulated:
        kept = run_folder(wanted, around.settings)
        content = str(status.content_digest)
        kept.keep("corpus", content, status.to_json(), told=told(outcome, built.seconds, run))
    rows = [
        ("asked", status.asked),
        ("ok", status.ok),
        ("failed", f"{status.failed:,} ({status.failed / status.asked:.2%})"),
        ("quarantined", f"{status.quarantined:,} ({status.quarantined / status.asked:.2%})"),
        ("simulated now", effort(built) or 0),
        ("recipe digest", f"`{status.recipe_digest}`"),
        ("content digest", f"`{status.content_digest}`"),
        ("version", status.version),
        ("place", link(built.url)),
    ]
    publish(f"corpus-{status.name}", f"Corpus {status.name}@{status.version}", rows)
    log_corpus(built, wanted.corpus if isinstance(wanted, Recipe) else wanted, run)


def effort(built: Built) -> str:
    """How many draws were simulated now, how fast, and how busy the workers were; empty where none were."""
    if not built.simulated:
        return ""
    rate = built.simulated / built.seconds
    busy = f"{built.workers} workers {built.efficiency:.0%} busy with simulators"
    return f"{built.simulated:,} simulated in {duration(built.seconds)} ({rate:,.0f} draws/s, {busy})"


def log_corpus(built: Built, wanted: CorpusSection, run: Run) -> None:
    """The corpus as a data set of the run, its recipe as parameters, its counts as metrics."""
    from sgnn.tracking.datasets import CorpusDataset, CorpusSource

    status = built.status
    counts = {"asked": status.asked, "ok": status.ok, "failed": status.failed, "quarantined": status.quarantined}
    corpus = open_corpus(f"{built.url}@{status.version}", surroundings().settings)
    variables = {variable.name: str(variable.dtype) for variable in corpus.schema.variables}
    section = wanted.model_dump(mode="json", exclude_defaults=True)
    source = CorpusSource(built.url, status.version, section)
    dataset = CorpusDataset(status.name, status.recipe_digest, source, counts, variables, str(status.content_digest))
    run.log_dataset(dataset, "training")
    run.log_parameters({"corpus": section})
    run.log_metrics({**counts, "simulated": built.simulated})
    if built.simulated:
        run.log_metrics({"seconds": built.seconds, "efficiency": built.efficiency})
