"""What the nearest simulations say of data: mechanisms, parameters, distances, and whether they are near at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.attribution.drawn import quantity_names
from sgnn.attribution.index import Index
from sgnn.attribution.posterior import (
    class_probabilities,
    effective_number,
    kernel_weights,
    weighted_quantiles,
)
from sgnn.errors import DataError
from sgnn.learning.domain import THRESHOLD
from sgnn.learning.judging import judge
from sgnn.learning.model import Model
from sgnn.learning.summaries import two_sided
from sgnn.simulation import Schema

Array = NDArray[np.float64]
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Explanation:
    """Of each query: its neighbours, nearest first, and what they say.

    ``draws``, ``mechanism``, ``distance`` and ``weights`` are (query, neighbour), ``quantities`` (query, neighbour,
    quantity); ``quantiles`` (query, quantity, level) at `LEVELS`, NaN where no neighbour has the quantity; ``presence``
    (query, quantity) the weight of those that have it; ``spread`` (query, quantity) their interquartile range over that
    of all draws, 1 where they say no more than the prior; ``probability`` (query, mechanism). ``effective`` (query,) is
    the number of neighbours that these amount to. ``typicality`` (query,) is the p-value of the distance, ``checks``
    (query, summary) that of each summary named in ``summaries``.
    """

    schema: Schema
    draws: NDArray[np.int64]
    mechanism: NDArray[np.int16]
    distance: Array
    weights: Array
    quantities: Array
    quantiles: Array
    presence: Array
    spread: Array
    probability: Array
    effective: Array
    typicality: Array
    summaries: tuple[str, ...]
    checks: Array
    threshold: float = THRESHOLD

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the quantities."""
        return quantity_names(self.schema)

    @property
    def typical(self) -> NDArray[np.bool_]:
        """Whether something simulated looks like it (query,)."""
        return np.asarray(self.typicality >= self.threshold)


def explain(
    model: Model, index: Index, shown: Mapping[str, NDArray[Any]], number: int = 50, threshold: float = THRESHOLD
) -> Explanation:
    """The ``number`` nearest draws of what the network is shown, arrays (query, …) under the names of `Task.seen`.

    ``index`` is the one of draws as long as that. Raises `DataError` for more neighbours than there are draws.
    """
    if not 1 <= number < index.about.draws:
        raise DataError(
            f"{number} neighbours asked for of {index.about.draws} draws", remedy="ask for fewer, or grow the corpus"
        )
    embeddings = model.embed_draws(shown)
    if not np.isfinite(embeddings).all():
        row = int(np.flatnonzero(~np.isfinite(embeddings).all(axis=1))[0])
        raise DataError(f"series number {row + 1} has no finite embedding", remedy="leave it out or mend its values")
    distances, rows, beyond = index.nearest(embeddings, number)
    weights = kernel_weights(distances, beyond)
    values, labels = np.asarray(index.quantities[rows]), np.asarray(index.mechanism[rows])
    mechanisms = len(model.schema.mechanisms)
    prior = np.bincount(index.mechanism, minlength=mechanisms) / len(index.mechanism)
    names, numbers = model.task.summaries(model.schema, shown)
    per_quantity = [weighted_quantiles(values[..., at], weights, np.array(LEVELS)) for at in range(values.shape[2])]
    quantiles = np.stack(per_quantity, axis=1) if per_quantity else np.empty((len(rows), 0, len(LEVELS)))
    return Explanation(
        schema=model.schema,
        draws=np.asarray(index.draws[rows]),
        mechanism=labels,
        distance=distances,
        weights=weights,
        quantities=values,
        quantiles=quantiles,
        presence=(np.isfinite(values) * weights[..., None]).sum(axis=1),
        spread=(quantiles[..., 3] - quantiles[..., 1]) / _prior_spread(np.asarray(index.quantities)),
        probability=class_probabilities(labels.astype(np.int64), weights, mechanisms, prior),
        effective=effective_number(weights),
        typicality=_typicality(model, index, shown, embeddings),
        summaries=names,
        checks=two_sided(numbers, index.summaries),
        threshold=threshold,
    )


def _prior_spread(quantities: Array) -> Array:
    """Interquartile range (quantity,) of all draws (draw, quantity) that have one; NaN where it is 0 or none has."""
    found = np.full(quantities.shape[1], np.nan)
    for at in range(quantities.shape[1]):
        known = quantities[np.isfinite(quantities[:, at]), at]
        if len(known):
            lower, upper = np.quantile(known, [0.25, 0.75])
            found[at] = upper - lower if upper > lower else np.nan
    return found


def _typicality(
    model: Model, index: Index, shown: Mapping[str, NDArray[Any]], embeddings: NDArray[np.float32]
) -> Array:
    """As every answer of the model has it; by the index alone, where that is of another corpus or nothing is kept."""
    own = index.about.content_digest == model.provenance.get("corpus_content_digest")
    judgement = judge(model, shown) if own else None
    return index.typicality.p_value(embeddings) if judgement is None else judgement.typicality


def hidden_series(model: Model, shown: Mapping[str, NDArray[Any]]) -> tuple[str, ...]:
    """Series that the model can see but no query has: draws are then looked at without them, too."""
    return tuple(
        name for name in model.task.series(model.schema)[1:] if not np.isfinite(shown[name].astype(np.float64)).any()
    )


def as_seen(model: Model, shown: Mapping[str, NDArray[Any]]) -> tuple[dict[str, NDArray[Any]], int | None, str]:
    """Series no longer than simulated ones, the number of steps that draws must be cut to, and a note of what was left.

    Longer series keep their last steps: what a forecast is made from. The number is None where draws stay whole.
    """
    series = model.task.series(model.schema)
    if not series:
        return dict(shown), None, ""
    simulated = model.schema.dimension(model.schema.variable(series[0]).dims[0]).size
    given = shown[series[0]].shape[1]
    if given > simulated:
        kept = {one: array[:, -simulated:] if one in series else array for one, array in shown.items()}
        return kept, None, f"the last {simulated} of {given} steps are compared: no simulation is longer"
    return dict(shown), (None if given == simulated else given), ""
