"""Where something began: the answer of a task that names sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Located:
    """Posterior over the candidates of one sighting.

    ``nodes`` (candidate,) are numbers of the graph's nodes, ``probability`` (candidate,) adds up to 1; ``origins`` has
    the probability of each number of sources, ``mechanisms`` of each mechanism; ``start`` the 5, 50 and 95 % quantiles
    of the time of the start, None where no times tell it. ``shown`` are the arrays (1, …) that the network saw, and
    ``ties`` (tie, 2) the ties between candidates, by their places.
    """

    nodes: NDArray[np.int64]
    probability: NDArray[np.float64]
    origins: Mapping[int, float]
    mechanisms: Mapping[str, float]
    start: tuple[float, float, float] | None
    shown: Mapping[str, NDArray[Any]]
    ties: NDArray[np.int64]

    def table(self, names: tuple[str, ...], level: float) -> pd.DataFrame:
        """Rows ``rank, node, probability, in_set``, most probable first; the set has at least ``level`` of it."""
        order = np.argsort(-self.probability, kind="stable")
        before = np.cumsum(self.probability[order]) - self.probability[order]
        return pd.DataFrame(
            {
                "rank": np.arange(1, len(order) + 1),
                "node": [names[int(self.nodes[at])] for at in order],
                "probability": self.probability[order],
                "in_set": before < level - 1e-12,
            }
        )
