"""The task: the strength of a substance from the table of its titration, however long that is."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sgnn.learning.task import Arrays, Batch, Task
from sgnn.simulation import Schema


class TableNetwork(nn.Module):
    """The mean over rows of what a small network makes of each, then a small network over that mean."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.row = nn.Sequential(nn.Linear(2, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.whole = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, 1))

    def forward(self, table: Tensor, there: Tensor) -> Tensor:
        """Log strength (draw,) of tables (draw, row, column) of which the rows ``there`` (draw, row) count."""
        weight = there / there.sum(dim=1, keepdim=True)
        answer: Tensor = self.whole((self.row(table) * weight.unsqueeze(-1)).sum(dim=1))
        return answer.squeeze(-1)


class StrengthTask(Task):
    """Squared error of the log strength: its minimum is the posterior mean."""

    name = "assays.strength"

    def __init__(self, width: int = 32) -> None:
        self.width = width

    @property
    def settings(self) -> dict[str, Any]:
        return {"width": self.width}

    def inputs(self, schema: Schema) -> tuple[str, ...]:
        return "written", "rows", "log_strength"

    def network(self, schema: Schema) -> TableNetwork:
        return TableNetwork(self.width)

    def batch(self, draws: Arrays, generator: np.random.Generator) -> Batch:
        table = draws["written"]
        there = np.arange(table.shape[1]) < draws["rows"][:, None]
        known = np.where(there[..., None], table, 1.0)
        return {
            "table": torch.from_numpy(np.stack([np.log(known[..., 0]), known[..., 1]], axis=-1)),
            "there": torch.from_numpy(there.astype(np.float32)),
            "truth": torch.from_numpy(draws["log_strength"][:, 0]),
        }

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        return nn.functional.mse_loss(network(batch["table"], batch["there"]), batch["truth"])
