"""Other ways to see draws, that embeddings are held against: an untrained network, and summaries made by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.learning.model import Model
from sgnn.learning.task import Task

_SEED = 7919


def untrained(model: Model) -> Model:
    """The same network with fresh weights: what its shape alone tells draws apart by."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(_SEED)
        network = model.task.network(model.schema).eval()
    return replace(model, network=network, domain=None, calibration=None)


@dataclass(frozen=True)
class BySummaries:
    """Draws as numbers that can be read off their series by eye, in the place of a model."""

    model: Model

    @property
    def task(self) -> Task:
        """What is seen of a draw."""
        return self.model.task

    @property
    def digest(self) -> str:
        """Of the summaries, which depend on no weights."""
        return hashlib.sha256(",".join(self.task.seen).encode()).hexdigest()[:32]

    def embed_draws(self, shown: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Summaries (draw, summary), 0 where nothing was observed; a constant where there are none."""
        found = np.nan_to_num(self.task.summaries(self.model.schema, shown)[1])
        return (found if found.shape[1] else np.zeros((len(found), 1))).astype(np.float32)
