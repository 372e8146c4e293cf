"""The Lightning module and data module: any task, on any stream."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytorch_lightning as lightning
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

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


class _Batches(IterableDataset[Batch]):
    """Batches of a task from a stream; the chance in a batch depends on the seed and the batch's number alone."""

    def __init__(self, stream: CorpusStream, task: Task) -> None:
        super().__init__()
        self.stream, self.task = stream, task
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Batch]:
        began = time.perf_counter()
        for number, draws in self.stream.numbered():
            batch = self.task.batch(draws, chance(self.stream.seed, "batch", number))
            self.seconds += time.perf_counter() - began
            yield batch
            began = time.perf_counter()


class StreamData(lightning.LightningDataModule):
    """Training batches without end, and the same held-out batches every time; its state is the stream's position."""

    def __init__(self, task: Task, training: CorpusStream, held_out: CorpusStream) -> None:
        super().__init__()
        self.task, self.stream = task, training
        self._held_out = self._fixed(held_out)
        self._batches = _Batches(training, task)

    def _fixed(self, stream: CorpusStream) -> list[Batch]:
        draws: Arrays = stream.all(_HELD_OUT_MOST)
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
        """Seconds spent in making training batches, while training waits for them."""
        return self._batches.seconds

    def train_dataloader(self) -> DataLoader[Batch]:
        """Batches of this rank from where the stream stands, read in this process."""
        if self.trainer is not None:
            self.stream.share(self.trainer.global_rank, self.trainer.world_size)
        return DataLoader(self._batches, batch_size=None, num_workers=0)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Held-out batches."""
        return DataLoader(self._held_out, batch_size=None, num_workers=0)  # type: ignore[arg-type]

    def state_dict(self) -> dict[str, Any]:
        """Number of batches trained on: the loader may have read one ahead, which the trainer's count leaves out."""
        trained = None if self.trainer is None else self.trainer.global_step * self.trainer.world_size
        position = self.stream.position if trained is None else trained
        return {**self.stream.state, "position": position}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue where the checkpoint was."""
        self.stream.restore(state_dict)
