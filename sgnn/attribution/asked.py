"""What neighbours are asked for, and the scale on which it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.attribution.drawn import quantities, quantity_names, quantity_units
from sgnn.attribution.index import Index
from sgnn.corpus.assembly import mixture_of
from sgnn.corpus.reader import Corpus
from sgnn.learning.estimate.targets import Target
from sgnn.learning.estimate.task import EstimateTask
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.simulation import Schema

Array = NDArray[np.float64]
_MOST, _PRESENT = 6, 0.9
_POINTS = 101


@dataclass(frozen=True)
class Asked:
    """Quantities by name, with their column among those of a corpus, their unit and scale."""

    targets: tuple[Target, ...]
    columns: tuple[int, ...]
    units: Mapping[str, str]
    schema: Schema
    spread: Mapping[str, Array]
    """Quantiles (point,) of each quantity among all draws, on its scale, at even levels from 0 to 1."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the quantities."""
        return tuple(target.name for target in self.targets)

    def to_scale(self, name: str, values: Array) -> Array:
        """Values on the scale on which they are answered."""
        return self._target(name).to_scale(values)

    def from_scale(self, name: str, values: Array) -> Array:
        """Inverse of `to_scale`."""
        return self._target(name).from_scale(values)

    def truth(self, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Array]:
        """True values (draw,) by name."""
        every = quantities(arrays, self.schema)
        return {name: every[:, column] for name, column in zip(self.names, self.columns, strict=True)}

    def prior(self, index: Index, draws: int) -> dict[str, Array]:
        """The same quantiles (draw, quantile) for every draw: those of all draws of the index."""
        return {
            name: np.tile(np.nanquantile(np.asarray(index.quantities[:, column]), LEVELS), (draws, 1))
            for name, column in zip(self.names, self.columns, strict=True)
        }

    def _target(self, name: str) -> Target:
        return self.targets[self.names.index(name)]


def asked_of(model: Model, index: Index) -> Asked:
    """What a model estimates; of one that does not, the first quantities that vary and that nearly all draws have."""
    names, units = quantity_names(model.schema), quantity_units(model.schema)
    if isinstance(model.task, EstimateTask) and model.task.options.targets:
        targets = model.task.options.targets
    else:
        targets = tuple(Target(name=name) for at, name in enumerate(names) if _varies(index, at))[:_MOST]
    columns = tuple(names.index(target.stored) for target in targets)
    by_name = {target.name: units[at] or "1" for target, at in zip(targets, columns, strict=True)}
    levels = np.linspace(0.0, 1.0, _POINTS)
    spread = {
        target.name: np.nanquantile(target.to_scale(np.asarray(index.quantities[:, at])), levels)
        for target, at in zip(targets, columns, strict=True)
    }
    return Asked(targets, columns, by_name, model.schema, spread)


def _varies(index: Index, column: int) -> bool:
    values = np.asarray(index.quantities[:, column])
    known = values[np.isfinite(values)]
    return len(known) > _PRESENT * len(values) and bool(np.ptp(known) > 0.0)


def exact_quantiles(
    corpus: Corpus, asked: Asked, arrays: Mapping[str, NDArray[Any]], levels: Array
) -> dict[str, Array]:
    """Quantiles (draw, level) of the posterior by the corpus's simulator, where it is one that knows them, else none.

    A simulator of a conjugate problem has the method ``exact_quantiles(arrays, levels)``, by parameter.
    """
    components = mixture_of(corpus.recipe).components
    known = getattr(components[0].simulator, "exact_quantiles", None) if len(components) == 1 else None
    if known is None:
        return {}
    found: Mapping[str, Array] = known(arrays, levels)
    return {name: found[name] for name in asked.names} if set(asked.names) <= set(found) else {}
