"""The task contract: what of a draw is shown to a network, what it must answer, and how far off it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from torch import Tensor, nn

    from sgnn.learning.calibration import Calibration
    from sgnn.learning.graph_tables import Sighting, Ties
    from sgnn.learning.located import Located
    from sgnn.learning.model import Model
    from sgnn.learning.portrait import Portrait
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

    @property
    def seen(self) -> tuple[str, ...]:
        """Variables of a draw that the network sees, the others being its answers. Raises `DataError` for none."""
        raise self._without_embedding()

    def series(self, schema: Schema) -> tuple[str, ...]:
        """What of `seen` are series (draw, time); what has a size of its own, such as nodes of a graph, is none."""
        known = {one.name: one for one in schema.variables}
        return tuple(name for name in self.seen if len(known[name].dims) == 1 and known[name].size is None)

    def answerable(self, shown: Arrays) -> NDArray[np.bool_]:
        """Which draws (draw,) show something that can be answered; no user asks about the others.

        All unless overridden. ``shown`` has the arrays (draw, …) named by `seen`.
        """
        return np.ones(len(next(iter(shown.values()))), dtype=np.bool_)

    @property
    def calibrates(self) -> bool:
        """Whether `calibration` finds anything."""
        return False

    def calibration(self, network: nn.Module, draws: Arrays, generator: np.random.Generator) -> Calibration | None:
        """How far quantiles must move to hold what they say, from draws (draw, …) kept from training; None for nowhere.

        ``draws`` has the arrays named by `inputs`, and the index of each under ``draw``.
        """
        return None

    @property
    def fewest_steps(self) -> int:
        """Fewest steps of a series that the network answers; of no meaning where nothing that is seen is a series."""
        return 1

    def embedding(self, network: nn.Module, shown: Arrays) -> Tensor:
        """Embeddings (draw, feature) of what is seen of some draws, by chance of no kind; series may be cut short.

        ``shown`` has the arrays (draw, …) named by `seen`. Raises `DataError` for a task that embeds nothing.
        """
        raise self._without_embedding()

    def summaries(self, schema: Schema, shown: Arrays) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        """Names and values (draw, summary) of a few numbers that can be read off by eye, for the check of the prior.

        ``shown`` has the arrays (draw, …) named by `seen`, or only some of the series among them. Of each series those
        of `sgnn.learning.summaries`, unless overridden; none of what is no series.
        """
        from sgnn.learning.summaries import summaries

        return summaries({name: shown[name] for name in self.series(schema) if name in shown}, _number(shown))

    def prepared(self, schema: Schema, panel: xr.Dataset, today: pd.Timestamp | None = None) -> xr.Dataset:
        """A user's panel as the network has learnt to see series; unchanged unless overridden.

        The attribute ``note`` says what was changed. Raises `DataError` for what cannot be seen so, and for dates after
        ``today`` where that matters.
        """
        return panel

    def shown(self, panel: xr.Dataset) -> dict[str, NDArray[Any]]:
        """Real series (series, …) as if they were draws, under the names of `seen`; NaN for what a panel lacks.

        Raises `DataError` for a task that does not look at series.
        """
        raise DataError(
            f"the task '{self.name}' does not look at series", remedy="give its arrays to sgnn.attribution themselves"
        )

    def sighted(self, ties: Ties, sighting: Sighting, absolute: bool) -> dict[str, NDArray[Any]]:
        """What was seen on a user's graph as if it were a draw: arrays (1, …) under the names of `seen`.

        Times count from the start where they are ``absolute``. Raises `DataError` for a task that looks at no graphs.
        """
        raise DataError(
            f"the task '{self.name}' does not look at graphs", remedy="leave the graph out, and give a table of series"
        )

    def portrait(self, arrays: Arrays, row: int) -> Portrait | None:
        """The graph of one draw as it is drawn, from the arrays (draw, …) of the corpus; None for what is no graph."""
        return None

    def locate(
        self, model: Model, ties: Ties, sighting: Sighting, absolute: bool, trusted: bool | None = None
    ) -> Located:
        """Who began what was seen on a user's graph; times count from the start where they are ``absolute``.

        ``trusted`` says whether no tie is missing and no report false, where that is known. Raises `DataError` for a
        task that names no source.
        """
        raise DataError(f"a model of the task '{self.name}' names no source", remedy="use one of the recipe `cascades`")

    def _without_embedding(self) -> DataError:
        return DataError(
            f"the task '{self.name}' gives no embedding", remedy="let it override `seen` and `embedding` of Task"
        )

    def windows(self, batch: Batch) -> int:
        """Number of supervised examples in a batch; the number of draws unless overridden."""
        return len(next(iter(batch.values())))


def _number(shown: Arrays) -> int:
    return len(next(iter(shown.values())))


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
