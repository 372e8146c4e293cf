"""A task that writes down every draw it is trained on, for tests that start processes and end them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sgnn.learning.task import Arrays, Batch, Task
from sgnn.simulation import Schema


class Recorded(Task):
    """Learns the mean of a variable; each step's draws, and what was seen of them, go into a file of its process."""

    name = "recorded"

    def __init__(self, folder: str, variable: str = "deaths", seconds: float = 0.0) -> None:
        self.folder, self.variable, self.seconds = folder, variable, seconds

    @property
    def settings(self) -> dict[str, Any]:
        return {"folder": self.folder, "variable": self.variable, "seconds": self.seconds}

    def inputs(self, schema: Schema) -> tuple[str, ...]:
        return (self.variable,)

    def network(self, schema: Schema) -> nn.Module:
        return nn.Linear(1, 1)

    def batch(self, draws: Arrays, generator: np.random.Generator) -> Batch:
        seen = np.nan_to_num(draws[self.variable]).sum(axis=1, keepdims=True, dtype=np.float64)
        return {"draw": torch.from_numpy(draws["draw"]), "seen": torch.from_numpy(seen)}

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        if network.training:
            time.sleep(self.seconds)
            line = {"draws": batch["draw"].tolist(), "seen": batch["seen"][:, 0].tolist()}
            with Path(self.folder, f"{os.environ.get('LOCAL_RANK', '0')}.jsonl").open("a") as file:
                file.write(json.dumps(line) + "\n")
        seen = torch.log1p(batch["seen"].float())
        loss: Tensor = ((network(seen) - seen) ** 2).mean()
        return loss
