"""Training: a recipe and a committed corpus in, a model folder out; killed and started again, it goes on."""

from __future__ import annotations

import logging
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytorch_lightning as lightning
import torch
from pytorch_lightning.callbacks import EarlyStopping, ModelCheckpoint

from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import Recipe
from sgnn.corpus.sections import TrainingSection
from sgnn.errors import RecipeError, SgnnError
from sgnn.files import write_whole
from sgnn.learning.averaging import ExponentialAverage
from sgnn.learning.budget import Budget
from sgnn.learning.calibrating import make_calibration
from sgnn.learning.checkpoint import LastCheckpoint
from sgnn.learning.job import RESULT, Event, TrainingJob, TrainingResult
from sgnn.learning.judging import make_domain
from sgnn.learning.launch import placement
from sgnn.learning.model import Model, save_model
from sgnn.learning.module import StreamData, TaskModule
from sgnn.learning.stream import CorpusStream
from sgnn.learning.task import Task, make_task

MODEL, CHECKPOINTS, LAST = "model", "checkpoints", "last.ckpt"
_MOST_THREADS = 8
"""At the sizes of a batch here, more threads than this wait for each other."""


def train(job: TrainingJob, emit: Callable[[Event], None] = lambda _: None) -> TrainingResult:
    """Train, and write model and result into the job's folder.

    Raises `SgnnError` for what a user can mend, and where the run was told to stop: its checkpoint is there.
    """
    recipe = Recipe.model_validate(job.recipe)
    section, folder = recipe.training, Path(job.folder)
    folder.mkdir(parents=True, exist_ok=True)
    lightning.seed_everything(section.seed, verbose=False)
    torch.set_num_threads(section.threads or min(_cores(), _MOST_THREADS))
    corpus = open_corpus(job.corpus)
    task = make_task(recipe.model.task, recipe.model.settings)
    mixed = [(open_corpus(one.corpus), one.weight) for one in section.corpora]
    data = _data(task, [(corpus, 1.0), *mixed], section, job.cache)
    module = TaskModule(task, corpus.schema, section)
    budget = Budget(section, data, emit)
    best = ModelCheckpoint(folder / CHECKPOINTS, "best", monitor="held_out_loss", enable_version_counter=False)
    checkpoint = _checkpoint(job.resume, folder)
    with _quiet():
        trainer = _trainer(section, job.devices, [budget, best, *_callbacks(job, section)])
        trainer.fit(module, datamodule=data, ckpt_path=checkpoint, weights_only=True)
    if budget.stopped:
        raise SgnnError(
            f"training was stopped after {trainer.global_step} steps, {budget.progress(trainer.global_step):.0%} of it",
            remedy="running it again goes on from there",
        )
    module.load_state_dict(torch.load(best.best_model_path, weights_only=True)["state_dict"])
    result = TrainingResult(
        model=str(folder / MODEL),
        steps=trainer.global_step,
        **budget.summary(),
        held_out_loss=float(best.best_model_score or torch.nan),
        parameters=sum(parameter.numel() for parameter in module.network.parameters()),
        resumed=checkpoint is not None,
        curve=tuple(budget.curve),
        left_out=_of_all_ranks(trainer, data.left_out),
    )
    if trainer.is_global_zero:
        module.network.eval()
        model = Model(task, module.network, corpus.schema, _provenance(recipe, corpus, mixed))
        model = replace(model, calibration=make_calibration(model, [(corpus, 1.0), *mixed], section))
        domain = make_domain(model, [(corpus, 1.0), *mixed], section.seed, section.mechanisms)
        save_model(folder / MODEL, replace(model, domain=domain))
        write_whole(folder / RESULT, result.to_json())
    return result


def _of_all_ranks(trainer: lightning.Trainer, number: int) -> int:
    """The sum of every rank's number."""
    mine = torch.tensor(float(number), dtype=torch.float64, device=trainer.strategy.root_device)
    return int(trainer.strategy.reduce(mine, reduce_op="sum")) if trainer.world_size > 1 else number


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _trainer(section: TrainingSection, devices: int, callbacks: list[lightning.Callback]) -> lightning.Trainer:
    gpu, place = torch.cuda.is_available(), placement(os.environ, devices)
    return lightning.Trainer(
        accelerator="gpu" if gpu else "cpu",
        devices=place.devices or ("auto" if gpu else 1),
        num_nodes=place.nodes,
        # every rank looks at all that is held out: it is little, and the loss is that of one process
        use_distributed_sampler=False,
        precision="bf16-mixed" if in_bfloat16(section) else "32-true",
        max_epochs=-1,
        val_check_interval=section.validation_every,
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        logger=False,
        enable_model_summary=False,
        enable_progress_bar=False,
        callbacks=callbacks,
    )


def in_bfloat16(section: TrainingSection) -> bool:
    """Whether to multiply in bfloat16: as asked, else where the hardware does; emulated, it is slower than float32."""
    if section.precision != "auto":
        return section.precision == "bfloat16"
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    known = torch.cpu.get_capabilities()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


def _callbacks(job: TrainingJob, section: TrainingSection) -> list[lightning.Callback]:
    callbacks: list[lightning.Callback] = []
    if section.ema:
        callbacks.append(ExponentialAverage(section.ema))
    if section.patience:
        callbacks.append(EarlyStopping("held_out_loss", patience=section.patience, verbose=False))
    last = Path(job.folder) / CHECKPOINTS / LAST
    return [*callbacks, LastCheckpoint(last, job.save_seconds, section.validation_every)]


def _data(task: Task, corpora: Sequence[tuple[Corpus, float]], section: TrainingSection, cache: str) -> StreamData:
    variables, place = task.inputs(corpora[0][0].schema), Path(cache) if cache else None
    held_out = CorpusStream(corpora, variables, 1, section.seed, "held_out", mechanisms=section.mechanisms, cache=place)
    training = CorpusStream(
        corpora,
        variables,
        section.batch_draws,
        section.seed,
        buffer_blocks=section.buffer_blocks,
        mechanisms=section.mechanisms,
        fresh=bool(section.fresh_observations),
        cache=place,
    )
    return StreamData(task, training, held_out, section.loader_workers or 0)


def _checkpoint(resume: str, folder: Path) -> str | None:
    """Where to resume: the last checkpoint there is, a named one, or nowhere. Raises `RecipeError`."""
    last = folder / CHECKPOINTS / LAST
    if resume == "auto":
        return str(last) if last.exists() else None
    if resume == "never":
        shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
        return None
    if not Path(resume).is_file():
        raise RecipeError(f"no checkpoint at {resume}", remedy="give `auto`, `never` or the path of a .ckpt file")
    return resume


def _provenance(recipe: Recipe, corpus: Corpus, mixed: Sequence[tuple[Corpus, float]]) -> dict[str, Any]:
    from sgnn import __version__

    others = [{"corpus": one.name, "version": one.version, "digest": one.content_digest} for one, _ in mixed]
    return {
        **({"mixed_corpora": others} if others else {}),
        "recipe": recipe.name,
        "corpus": corpus.name,
        "corpus_version": corpus.version,
        "corpus_digest": corpus.digest,
        "corpus_content_digest": corpus.content_digest,
        "sgnn": __version__,
        "torch": torch.__version__,
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Lightning's tips about loaders and loggers that are meant as they are."""
    log = logging.getLogger("pytorch_lightning")
    before = log.level
    log.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*does not have many workers.*")
        warnings.filterwarnings("ignore", message=".*Checkpoint directory .* exists and is not empty.*")
        warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.. is deprecated.*")
        warnings.filterwarnings("ignore", message=".*Your `IterableDataset` has `__len__` defined.*")
        yield
    log.setLevel(before)
