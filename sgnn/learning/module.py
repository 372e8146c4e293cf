"""The Lightning module and data module: any task, on any stream."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytorch_lightning as lightning
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from sgnn.corpus.sections import TrainingSection
from sgnn.learning.stream import Arrays, CorpusStream
from sgnn.learning.stream.chance import chance
from sgnn.learning.task import Batch, Task
from sgnn.simulation import Schema

_HELD_OUT_MOST = 1000
_HELD_OUT_BATCH = 250


def learning_rate(progress: float, warmup: float, peak: float) -> float:
    """Rate at a progress of 0 to 1: a linear rise over the share ``warmup``, then half a cosine down to a hundredth."""
    if progress < warmup:
        return peak * max(progress / warmup, 1e-3)
    along = (progress - warmup) / max(1.0 - warmup, 1e-9)
    return peak * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * min(along, 1.0))))


class TaskModule(lightning.LightningModule):
    """Trains a task's network with AdamW; the learning rate follows ``progress``, which the budget sets."""

    def __init__(self, task: Task, schema: Schema, training: TrainingSection) -> None:
        super().__init__()
        self.task = task
        self.training_section = training
        self.network = task.network(schema)
        self.progress = 0.0

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """Loss of one batch."""
        loss = self.task.loss(self.network, batch)
        self.log("training_loss", loss.detach())
        return loss

    def validation_step(self, batch: Batch, batch_index: int) -> None:
        """Loss of held-out synthetic draws, by which every choice is made."""
        loss = self.task.loss(self.network, batch)
        self.log("held_out_loss", loss, batch_size=self.task.windows(batch), sync_dist=True)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Clip the gradient, which Lightning refuses beside a fused optimiser in bfloat16; set the learning rate."""
        section = self.training_section
        if section.gradient_clip:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), section.gradient_clip)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(self.progress, section.warmup, section.learning_rate)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """AdamW, fused where the build has it."""
        section = self.training_section
        return torch.optim.AdamW(
            self.network.parameters(), lr=section.learning_rate, weight_decay=section.weight_decay, fused=True
        )


class _Batches(IterableDataset[tuple[Batch, int]]):
    """Batches of a task from a stream, each with the number of draws left out of it.

    The chance in a batch depends on the seed, its number and the rank alone. Several loader workers share the batches.
    """

    def __init__(self, stream: CorpusStream, task: Task) -> None:
        super().__init__()
        self.stream, self.task = stream, task

    def __iter__(self) -> Iterator[tuple[Batch, int]]:
        about = get_worker_info()
        worker, workers = (0, 1) if about is None else (about.id, about.num_workers)
        for number, draws in self.stream.numbered(worker, workers):
            batch = self.task.batch(draws, chance(self.stream.seed, "batch", number, self.stream.rank))
            yield batch, self.stream.share_of_batch - len(draws["draw"])


class _Waited:
    """The batches of a loader; counts the seconds that training waits for them, and the draws left out."""

    def __init__(self, loader: DataLoader[tuple[Batch, int]]) -> None:
        self.loader = loader
        self.seconds, self.left_out = 0.0, 0

    def __iter__(self) -> Iterator[Batch]:
        began = time.perf_counter()
        for batch, left_out in self.loader:
            self.seconds += time.perf_counter() - began
            self.left_out += left_out
            yield batch
            began = time.perf_counter()


class StreamData(lightning.LightningDataModule):
    """Training batches without end, and the same held-out batches every time; its state is the stream's position.

    With ``workers`` that many processes make the batches of each rank, in the same order.
    """

    def __init__(self, task: Task, training: CorpusStream, held_out: CorpusStream, workers: int = 0) -> None:
        super().__init__()
        self.task, self.stream = task, training
        self._held_out = self._fixed(held_out)
        # started afresh: a fork would hang where this process has threads
        start = "spawn" if workers else None
        batches = _Batches(training, task)
        self._batches = _Waited(
            DataLoader(batches, batch_size=None, num_workers=workers, multiprocessing_context=start)
        )
        self._left_out_before = 0

    def _fixed(self, stream: CorpusStream) -> list[Batch]:
        """What is held out, weighed as in training; without weights the first draws, which stay as a corpus grows."""
        draws: Arrays = stream.sample(_HELD_OUT_MOST) if stream.weighted else stream.all(_HELD_OUT_MOST)
        number = len(draws["draw"])
        parts = range(0, number, _HELD_OUT_BATCH)
        return [
            self.task.batch(
                {name: array[at : at + _HELD_OUT_BATCH] for name, array in draws.items()},
                chance(stream.seed, "held_out", at),
            )
            for at in parts
        ]

    @property
    def seconds(self) -> float:
        """Seconds that training has waited for its batches."""
        return self._batches.seconds

    @property
    def left_out(self) -> int:
        """Draws that this rank left out, because they could not be observed anew."""
        return self._left_out_before + self._batches.left_out

    def train_dataloader(self) -> Iterable[Batch]:
        """Batches of this rank from where the stream stands."""
        if self.trainer is not None:
            self.stream.share(self.trainer.global_rank, self.trainer.world_size)
        return self._batches

    def val_dataloader(self) -> DataLoader[Batch]:
        """Held-out batches."""
        return DataLoader(self._held_out, batch_size=None, num_workers=0)  # type: ignore[arg-type]

    def state_dict(self) -> dict[str, Any]:
        """Number of batches trained on: the loader may have read ahead, which the trainer's count leaves out."""
        position = self.stream.position if self.trainer is None else self.trainer.global_step
        return {**self.stream.state, "position": position, "left_out": self.left_out}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue where the checkpoint was."""
        self.stream.restore(state_dict)
        self._left_out_before = state_dict.get("left_out", 0)
