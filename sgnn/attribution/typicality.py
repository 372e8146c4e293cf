"""Whether anything simulated looks like the data: how far they lie from it, beside held-out draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sgnn.attribution.search import Search
from sgnn.attribution.space import Space

NEAREST = 10
"""Neighbours whose mean distance is judged."""
SAMPLE = 20_000
"""Draws of the index, spread over it, that distances are measured to."""


@dataclass(frozen=True)
class Typicality:
    """Distances of held-out draws, ``reference`` (draw,) in order, to a sample of the index in the whole embedding.

    All directions of the embedding count alike there, those too that say nothing of what is asked: what was never
    simulated may well differ in them.
    """

    space: Space
    sample: Search
    reference: NDArray[np.float64]

    def distance(self, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
        """Mean distance (query,) to the nearest draws of the sample."""
        return distance(self.space, self.sample, embeddings)

    def p_value(self, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
        """Share (query,) of held-out draws at least as far, the query itself counted with them.

        For a new draw of the same prior it is below x at most x of the time: a conformal p-value, Vovk et al. (2005).
        """
        at_least = len(self.reference) - np.searchsorted(self.reference, self.distance(embeddings), side="left")
        return np.asarray((1.0 + at_least) / (1.0 + len(self.reference)))


def distance(space: Space, sample: Search, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean distance (query,) of embeddings to their nearest in a sample."""
    return np.asarray(sample.nearest(space.place(embeddings), NEAREST)[0].mean(axis=1))
