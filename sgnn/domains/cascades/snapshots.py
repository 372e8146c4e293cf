"""Single snapshots, taken out of the padded arrays that hold many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.cascades.graphs.search import all_distances
from sgnn.domains.cascades.source.inputs import snapshot_inputs

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """One snapshot: rows of the graph seen, what is known of its nodes, `candidate_scores`, and the truth.

    All arrays are (node,) but ``offsets`` (node + 1,), ``neighbours`` and ``scores`` (node, column).
    """

    offsets: NDArray[np.int64]
    neighbours: NDArray[np.int32]
    known: NDArray[np.int8]
    degree: NDArray[np.int64]
    unreached: NDArray[np.int64]
    time: Array
    scores: Array
    began: NDArray[np.bool_]

    @property
    def nodes(self) -> int:
        """How many are seen."""
        return len(self.known)

    def hops(self) -> Array:
        """Distances (node, node) in the graph seen; one more than the largest where there is no way."""
        found = np.zeros((self.nodes, self.nodes), dtype=np.int32)
        all_distances(self.offsets, self.neighbours, found)
        return np.where(found < 0, found.max(initial=0) + 1, found).astype(np.float64)


def single_snapshots(draws: Mapping[str, NDArray[Any]], part: int = 256) -> Iterator[Seen]:
    """Each of the snapshots of arrays (draw, …), in order."""
    for begin in range(0, len(draws["known"]), part):
        some = {name: values[begin : begin + part] for name, values in draws.items()}
        made = snapshot_inputs(some)
        ends = np.concatenate([[0], np.cumsum(some["seen_nodes"].astype(np.int64))])
        for row, (low, high) in enumerate(pairwise(ends)):
            size = high - low
            rows = made["offsets"][low : high + 1].astype(np.int64)
            yield Seen(
                offsets=rows - rows[0],
                neighbours=made["neighbours"][rows[0] : rows[-1]] - np.int32(low),
                known=some["known"][row, :size],
                degree=some["degree"][row, :size].astype(np.int64),
                unreached=some["unreached"][row, :size].astype(np.int64),
                time=some["time"][row, :size].astype(np.float64),
                scores=made["scores"][low:high],
                began=some["began"][row, :size] > 0,
            )
