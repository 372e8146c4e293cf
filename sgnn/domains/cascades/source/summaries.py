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
SUMMARIES = (
    *("nodes", "reports", "unknown", "alone", "parts", "apart"),
    *("degree", "highest_degree", "ties", "inside"),
)
"""Log of the nodes of the graph and of the reports; share of nodes seen of which nothing is known; share of reports
that touch nothing seen; log of the parts that the reports fall into, and share of reports outside of the largest; mean
and largest log degree of a report; log of the ties of a report to others, and the mean share of its ties that go
there."""


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
    highest = np.zeros(number)
    np.maximum.at(highest, owner[reported], degree[reported])
    return np.stack(
        [
            np.log(draws["graph_nodes"].astype(np.float64)),
            np.log(some),
            1.0 - reports / np.maximum(sizes, 1),
            of_reports(np.diff(offsets) == 0) / some,
            np.log(np.maximum(parts, 1.0)),
            1.0 - largest / some,
            of_reports(np.log1p(degree)) / some,
            np.log1p(highest),
            np.log1p(of_reports(ties) / some),
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
