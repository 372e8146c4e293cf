"""Finding the nearest of a million draws: time of a query, what it misses, building, memory, beside a look at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sgnn.cli.bench.figure import Figure

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace

FEATURES, INNER = 64, 8
QUERIES = 200
_PART = 50_000


def measure(place: Workplace) -> tuple[Figure, ...]:
    """Places made as a network makes them: few causes, a fixed random layer, some noise; ``largest`` of them."""
    import faiss

    from sgnn.attribution.search import NEIGHBOURS, brute_force, make_search, recall

    number = place.largest

    def parts() -> Iterator[NDArray[np.float32]]:
        for start in range(0, number, _PART):
            yield _places(min(_PART, number - start), start)

    tuning, queries = _places(500, -1), _places(QUERIES, -2)
    began = time.perf_counter()
    search = make_search(parts, number, FEATURES, tuning)
    built = time.perf_counter() - began
    stored = np.concatenate(list(parts()))
    # queries other than those by which the cells looked at were chosen
    truth = brute_force(parts, queries, NEIGHBOURS)
    made = f"{number:,} draws of {FEATURES} dimensions, {search.kind}"
    every = _median(lambda at: faiss.knn(queries[at : at + 1], stored, NEIGHBOURS), 20)
    quick = _median(lambda at: search.nearest(queries[at : at + 1], NEIGHBOURS), QUERIES)
    found = recall(search.nearest(queries, NEIGHBOURS)[1], truth)
    megabytes = len(faiss.serialize_index(search.index)) / 1e6
    return (
        Figure("index", f"median query among {made}", 1e3 * quick, "ms", "a look at every draw", 1e3 * every),
        Figure("index", f"recall of the nearest {NEIGHBOURS}", found, "", "a look at every draw", 1.0),
        Figure("index", "building it, choice of cells included", built, "s", "making the places", _making(parts)),
        Figure("index", "memory of it", megabytes, "MB", "the places alone", stored.nbytes / 1e6),
    )


def _places(number: int, seed: int) -> NDArray[np.float32]:
    """Places (draw, feature) of a curved sheet of `INNER` dimensions."""
    layer = np.random.default_rng(0).normal(size=(INNER, FEATURES)) / np.sqrt(INNER)
    chance = np.random.default_rng(seed + 10)
    causes = chance.normal(size=(number, INNER))
    places: NDArray[np.float64] = np.tanh(causes @ layer) + 0.02 * chance.normal(size=(number, FEATURES))
    return places.astype(np.float32)


def _median(work: Callable[[int], object], times: int) -> float:
    """Median seconds of work on one query after another."""
    seconds = []
    for at in range(times):
        began = time.perf_counter()
        work(at)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds))


def _making(parts: Callable[[], Iterator[NDArray[np.float32]]]) -> float:
    began = time.perf_counter()
    for _ in parts():
        pass
    return time.perf_counter() - began
