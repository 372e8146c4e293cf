"""Nearest places: by faiss, exactly where they are few, else in the cells near the query, as many as recall demands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.float32]

EXACT_MOST = 100_000
"""Draws among which the search looks at every one: that takes a few milliseconds."""
RECALL = 0.995
"""Share of the true neighbours that a search through cells must find of held-out draws."""
NEIGHBOURS = 50
_TRAINING = 200_000
_SEED = 1234


@dataclass(frozen=True)
class Search:
    """A faiss index, how it looks, and the share of the true neighbours that it finds."""

    index: Any
    kind: str
    recall: float

    def nearest(self, places: Places, number: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Distances and positions (query, number), nearest first; fewer where there are not so many."""
        squared, positions = self.index.search(np.ascontiguousarray(places), min(number, self.index.ntotal))
        return np.sqrt(np.maximum(squared, 0.0)).astype(np.float64), positions.astype(np.int64)

    def places(self, positions: NDArray[np.int64]) -> Places:
        """Places (query, number, dimension) of positions (query, number)."""
        if hasattr(self.index, "make_direct_map"):
            self.index.make_direct_map()
        return np.asarray(self.index.reconstruct_batch(positions.reshape(-1)).reshape(*positions.shape, -1))


def make_search(parts: Callable[[], Iterator[Places]], number: int, size: int, queries: Places) -> Search:
    """A search among ``number`` places of ``size`` dimensions, which are read part by part, twice where they are many.

    ``queries`` are held-out places by which the cells looked at are chosen.
    """
    import faiss

    exact = faiss.IndexFlatL2(size)
    if number <= EXACT_MOST:
        for part in parts():
            exact.add(part)
        return Search(exact, "exact", 1.0)
    cells = int(2 ** round(np.log2(4.0 * np.sqrt(number))))
    index = faiss.IndexIVFFlat(exact, size, cells)
    index.cp.seed, index.cp.niter = _SEED, 10
    index.train(_spread(parts, number))
    for part in parts():
        index.add(part)
    truth = brute_force(parts, queries, NEIGHBOURS)
    index.nprobe, found = 8, 0.0
    while index.nprobe < cells:
        found = recall(index.search(queries, NEIGHBOURS)[1], truth)
        if found >= RECALL:
            break
        index.nprobe = min(cells, int(index.nprobe * 1.5))
    return Search(index, f"{index.nprobe} of {cells} cells", found)


def brute_force(parts: Callable[[], Iterator[Places]], queries: Places, number: int) -> NDArray[np.int64]:
    """Positions (query, number) of the true nearest, from a look at every place."""
    import faiss

    best, where = np.empty((len(queries), 0), dtype=np.float32), np.empty((len(queries), 0), dtype=np.int64)
    before = 0
    for part in parts():
        squared, positions = faiss.knn(np.ascontiguousarray(queries), part, min(number, len(part)))
        best = np.concatenate([best, squared], axis=1)
        where = np.concatenate([where, positions + before], axis=1)
        order = np.argsort(best, axis=1, kind="stable")[:, :number]
        best, where = np.take_along_axis(best, order, axis=1), np.take_along_axis(where, order, axis=1)
        before += len(part)
    return where


def recall(found: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """Share of the true neighbours (query, neighbour) that were found."""
    return float(np.mean([np.isin(right, ours).mean() for ours, right in zip(found, truth, strict=True)]))


def write_search(search: Search, file: Path) -> None:
    """Write the faiss index."""
    import faiss

    faiss.write_index(search.index, str(file))


def read_search(file: Path, kind: str, found: float) -> Search:
    """Read it again, as it looked."""
    import faiss

    return Search(faiss.read_index(str(file)), kind, found)


def _spread(parts: Callable[[], Iterator[Places]], number: int) -> Places:
    """Places spread evenly over all of them, to lay the cells by."""
    every = max(1, number // _TRAINING)
    return np.ascontiguousarray(np.concatenate([part[::every] for part in parts()]))
