"""The budget of a training run: seconds or steps, kept over interruptions, with what it cost."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytorch_lightning as lightning
import torch

from sgnn.corpus.sections import TrainingSection
from sgnn.errors import SgnnError
from sgnn.learning.job import Event
from sgnn.learning.module import StreamData, TaskModule

_EVENT_SECONDS = 1.0


class Budget(lightning.Callback):
    """Ends the run at its last second or step, sets the progress that the learning rate follows, and reports.

    ``emit`` gets an event about every second: step, progress, loss, windows per second, share of time spent waiting for
    data; and one at each look at the held-out draws. What was spent before an interruption counts. Ranks agree on what
    was spent and on when to stop; the first one speaks for all. Raises `SgnnError` where the loss is no number.
    """

    def __init__(self, training: TrainingSection, data: StreamData, emit: Callable[[Event], None]) -> None:
        self.training = training
        self.data = data
        self.emit = emit
        self.spent = 0.0
        self.waited = self._waited_before = 0.0
        self.windows = 0
        self.curve: list[Event] = []
        self.stopped = False
        self._last = 0.0
        self._spoke = 0.0

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Start the clock; a signal to terminate ends the run after the step, with a checkpoint.

        What was interrupted after its last step takes no more.
        """
        trainer.should_stop = self.progress(trainer.global_step) >= 1.0
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopped", True))
        self._last = time.perf_counter()

    def on_train_batch_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Set the progress."""
        assert isinstance(pl_module, TaskModule)
        pl_module.progress = self.progress(trainer.global_step)

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count what the step cost, report, and end at the end of the budget."""
        now = time.perf_counter()
        self.spent += now - self._last
        self._last = now
        self.waited = self._waited_before + self.data.seconds
        assert isinstance(pl_module, TaskModule)
        self.windows += pl_module.task.windows(batch) * trainer.world_size
        if trainer.world_size > 1:
            self._agree(trainer, pl_module)
        if self.stopped or self.progress(trainer.global_step) >= 1.0:
            trainer.should_stop = True
        if now - self._spoke > _EVENT_SECONDS:
            self._spoke = now
            loss = float(outputs["loss"] if isinstance(outputs, Mapping) else outputs)
            _require_number("training", loss, trainer.global_step)
            self._say("step", trainer, training_loss=loss)

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Report the look."""
        metrics = trainer.callback_metrics
        if not trainer.sanity_checking and "held_out_loss" in metrics:
            training, held_out = float(metrics["training_loss"]), float(metrics["held_out_loss"])
            _require_number("held-out", held_out, trainer.global_step)
            self._say("look", trainer, held_out_loss=held_out, training_loss=training)

    def progress(self, step: int) -> float:
        """Share of the budget that is spent, by whichever of seconds and steps is further."""
        shares = [0.0]
        if self.training.seconds:
            shares.append(self.spent / self.training.seconds)
        if self.training.steps:
            shares.append(step / self.training.steps)
        return min(1.0, max(shares))

    def summary(self) -> Event:
        """Windows seen, seconds spent, windows per second, and the share of time spent waiting for data."""
        spent = max(self.spent, 1e-9)
        return {
            "windows": self.windows,
            "seconds": round(self.spent, 3),
            "windows_per_second": round(self.windows / spent, 1),
            "data_wait": round(self.waited / spent, 5),
        }

    def state_dict(self) -> dict[str, Any]:
        """What was spent, for the checkpoint."""
        return {"spent": self.spent, "waited": self.waited, "windows": self.windows, "curve": self.curve}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on counting."""
        self.spent, self._waited_before = state_dict["spent"], state_dict["waited"]
        self.windows, self.curve = state_dict["windows"], list(state_dict["curve"])

    def _agree(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Let all ranks have spent what the slowest did, and stop where one is told to."""
        mine = torch.tensor([self.spent, float(self.stopped)], dtype=torch.float64, device=pl_module.device)
        spent, stopped = trainer.strategy.reduce(mine, reduce_op="max").tolist()
        self.spent, self.stopped = spent, stopped > 0

    def _say(self, kind: str, trainer: lightning.Trainer, **values: float) -> None:
        step = trainer.global_step
        event: Event = {
            "event": kind,
            "step": step,
            "progress": round(self.progress(step), 4),
            **self.summary(),
            **values,
        }
        if kind == "look":
            self.curve.append(event)
        if trainer.is_global_zero:
            self.emit(event)


def _require_number(what: str, loss: float, step: int) -> None:
    if not math.isfinite(loss):
        raise SgnnError(
            f"the {what} loss is {loss} after {step} steps: training has diverged",
            remedy="lower training.learning_rate in the recipe, then train with --resume never",
        )
