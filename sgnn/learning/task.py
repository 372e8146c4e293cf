"""The task contract: what of a draw is shown to a network, what it must answer, and how far off it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor, nn

    from sgnn.simulation import Schema

Arrays = Mapping[str, NDArray[Any]]
Batch = dict[str, "Tensor"]


class Task(ABC):
    """What is learnt from a corpus; registered under the entry-point group ``sgnn.tasks``, settings by keyword."""

    name: str

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """All settings, as JSON values, from which the task can be made again."""

    @abstractmethod
    def inputs(self, schema: Schema) -> tuple[str, ...]:
        """Variables of the corpus that a batch is made of. Raises `RecipeError` where the corpus lacks one."""

    @abstractmethod
    def network(self, schema: Schema) -> nn.Module:
        """A network with fresh weights."""

    @abstractmethod
    def batch(self, draws: Arrays, generator: np.random.Generator) -> Batch:
        """Tensors of a batch, from arrays (draw, …); all chance (origins, masks) comes from the generator."""

    @abstractmethod
    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        """Mean loss of a batch, a scalar: a proper score, so that its minimum is the calibrated answer."""

    def windows(self, batch: Batch) -> int:
        """Number of supervised examples in a batch; the number of draws unless overridden."""
        return len(next(iter(batch.values())))


def make_task(name: str, settings: Mapping[str, Any]) -> Task:
    """The registered task of that name. Raises `UnknownNameError`, or `RecipeError` for settings it does not take."""
    from sgnn.errors import RecipeError
    from sgnn.simulation.registry import TASKS, find

    kind = find(TASKS, name)
    try:
        task: Task = kind(**settings)
    except (TypeError, ValueError) as error:
        reason = str(error).replace("\n", " ")
        raise RecipeError(
            f"task '{name}' does not take its settings: {reason}", remedy="mend model.settings in the recipe"
        ) from error
    return task
