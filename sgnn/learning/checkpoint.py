"""The checkpoint that an interrupted training run goes on from."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytorch_lightning as lightning
from pytorch_lightning.callbacks import Checkpoint


class LastCheckpoint(Checkpoint):
    """Saves the whole state of the run every ``seconds``, and when the run is told to stop or ends.

    At a step with a look at the held-out draws (every ``look_steps``) it waits for the look, which a resumed run would
    not repeat. The file appears whole or not at all: Lightning writes it beside and renames it. It stands after the
    checkpoint of the best look, whose state it holds.
    """

    def __init__(self, path: Path, seconds: float, look_steps: int) -> None:
        self.path = path
        self.seconds = seconds
        self.look_steps = look_steps
        self._saved, self._step = time.monotonic(), -1

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save between two looks."""
        if trainer.global_step % self.look_steps:
            self._save_if_due(trainer)

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Save after a look."""
        self._save_if_due(trainer)

    def _save_if_due(self, trainer: lightning.Trainer) -> None:
        due = trainer.should_stop or time.monotonic() - self._saved >= self.seconds
        # the first rank's clock decides for all
        if trainer.strategy.broadcast(due) and trainer.global_step != self._step:
            trainer.save_checkpoint(self.path)
            self._saved, self._step = time.monotonic(), trainer.global_step
