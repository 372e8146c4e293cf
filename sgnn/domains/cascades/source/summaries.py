"""A few numbers that anybody could read off a snapshot: for the check of the prior."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from sgnn.domains.cascades.observation.kernel import MASKED
from sgnn.domains.cascades.source.rows import joined_rows

Array = NDArray[np.float64]
SUMMARIES = ("reports", "alone", "parts", "apart", "inside")
"""Log of the reports; share of them that touch nothing seen; log of the parts that they fall into, and share of them
outside of the largest; mean share of a report's ties that go to others. How large the graph is, and how dense, is left
out: that is not what has to be like the simulations, for the network is to answer on graphs of other kinds."""


def snapshot_summaries(draws: Mapping[str, NDArray[Any]]) -> Array:
    """`SUMMARIES` (draw, summary) of snapshots, from the arrays (draw, …) named by `SEEN`."""
    sizes = draws["seen_nodes"].astype(np.int64)
    number, total = len(sizes), int(sizes.sum())
    offsets = np.zeros(total + 1, dtype=np.int64)
    neighbours = np.empty(2 * int(draws["seen_ties"].astype(np.int64).sum()), dtype=np.int32)
    joined_rows(sizes, draws["tie_counts"], draws["ties"], offsets, neighbours)
    inside = np.arange(draws["known"].shape[1]) < sizes[:, None]
    reported = draws["known"][inside] != MASKED
    degree = draws["degree"][inside].astype(np.float64)
    owner = np.repeat(np.arange(number), sizes)

    def of_reports(values: NDArray[Any]) -> Array:
        return np.bincount(owner[reported], values[reported], number).astype(np.float64)

    ends = np.repeat(np.arange(total), np.diff(offsets))
    ties = np.bincount(ends[reported[neighbours]], minlength=total).astype(np.float64)
    reports = of_reports(np.ones(total))
    some = np.maximum(reports, 1.0)
    parts, largest = _parts(offsets, neighbours, owner, reported, number)
    return np.stack(
        [
            np.log(some),
            of_reports(np.diff(offsets) == 0) / some,
            np.log(np.maximum(parts, 1.0)),
            1.0 - largest / some,
            of_reports(ties / np.maximum(degree, 1.0)) / some,
        ],
        axis=1,
    )


def _parts(
    offsets: NDArray[np.int64],
    neighbours: NDArray[np.int32],
    owner: NDArray[np.int64],
    reported: NDArray[np.bool_],
    number: int,
) -> tuple[Array, Array]:
    """Connected parts (draw,) that hold a report, ways through unknown nodes counted, and reports in the largest."""
    total = len(owner)
    graph = csr_array((np.ones(len(neighbours), np.int8), neighbours, offsets), shape=(total, total))
    found, label = connected_components(graph, directed=False)
    held = np.bincount(label[reported], minlength=found)
    of = np.zeros(found, dtype=np.int64)
    of[label] = owner
    largest = np.zeros(number)
    np.maximum.at(largest, of, held.astype(np.float64))
    return np.bincount(of, held > 0, number).astype(np.float64), largest
