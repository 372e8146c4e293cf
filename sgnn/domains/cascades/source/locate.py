"""Who began what was seen on a user's own graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.graphs.rows import rows_of
from sgnn.domains.cascades.observation.given import given_snapshot
from sgnn.domains.cascades.observation.kernel import ABSOLUTE, NONE, RELATIVE
from sgnn.domains.cascades.source.network import LEVELS
from sgnn.domains.cascades.source.posterior import source_posterior
from sgnn.learning.located import Located

if TYPE_CHECKING:
    from sgnn.learning.graph_tables import Sighting, Ties
    from sgnn.learning.model import Model


def sighted(ties: Ties, sighting: Sighting, absolute: bool) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64]]:
    """Arrays (1, …) of a sighting as of a simulated snapshot, and the numbers (seen,) of the nodes in it."""
    told = np.isfinite(sighting.time)
    clock = NONE if not told.any() else ABSOLUTE if absolute else RELATIVE
    # relative times have no zero of their own
    first = float(sighting.time[told].min()) if clock == RELATIVE else 0.0
    rows = rows_of(len(ties.names), ties.ties)
    return given_snapshot(rows, sighting.state, sighting.time - first, clock)


def locate(model: Model, ties: Ties, sighting: Sighting, absolute: bool, trusted: bool | None = None) -> Located:
    """The posterior of one sighting; ``sighting`` holds a state that is known of every node."""
    shown, who = sighted(ties, sighting, absolute)
    found = source_posterior(model, shown, trusted=trusted)
    start = None
    told = np.isfinite(sighting.time)
    deviation = float(sighting.time[told].std()) if told.any() else 0.0
    if deviation > 0.0:
        low, middle, high = (float(found.start[0, LEVELS.index(level)]) for level in (0.05, 0.5, 0.95))
        earliest = float(sighting.time[told].min())
        start = (earliest + deviation * low, earliest + deviation * middle, earliest + deviation * high)
    ends = np.repeat(np.arange(len(who)), shown["tie_counts"][0])
    return Located(
        nodes=who,
        probability=np.exp(found.nodes[0]),
        origins={at + 1: float(one) for at, one in enumerate(found.origins[0])},
        mechanisms=dict(zip(model.schema.mechanisms, map(float, found.mechanisms[0]), strict=True)),
        start=start,
        shown=shown,
        ties=np.stack([ends, shown["ties"][0].astype(np.int64)], axis=1),
    )
