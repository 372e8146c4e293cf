"""Building an index: embed the corpus block by block, choose a space on held-out draws, make the search."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol as Typing

import numpy as np
from numpy.typing import NDArray

from sgnn.attribution.drawn import (
    Drawn,
    Use,
    cut,
    drawn,
    gathered,
    quantities,
    quantity_arrays,
)
from sgnn.attribution.index import About, Index
from sgnn.attribution.posterior import class_probabilities, kernel_weights, weighted_crps
from sgnn.attribution.search import NEIGHBOURS, make_search
from sgnn.attribution.space import Space, candidates, ranks
from sgnn.attribution.typicality import SAMPLE, Typicality, distance
from sgnn.corpus.reader import Corpus
from sgnn.errors import DataError
from sgnn.learning.task import Arrays, Task

REFERENCE = 2000
"""Held-out draws that distances are judged by, at most."""
_CHOOSING = 600
_FITTING = 50_000
_LEAST = 40
_PART = 16_384


@dataclass(frozen=True)
class Embedded:
    """Draws with their embeddings (draw, feature), quantities (draw, quantity), mechanisms and summaries."""

    draws: NDArray[np.int64]
    embeddings: NDArray[np.float32]
    quantities: NDArray[np.float64]
    mechanism: NDArray[np.int16]
    summaries: NDArray[np.float64]


class Sight(Typing):
    """What draws are embedded by: a model, or what is held against one."""

    @property
    def task(self) -> Task:
        """Whose `Task.seen` is shown."""
        ...

    @property
    def digest(self) -> str:
        """Of all that an embedding depends on."""
        ...

    def embed_draws(self, shown: Arrays) -> NDArray[np.float32]:
        """Embeddings (draw, feature) of what is seen of draws (draw, …)."""
        ...


def build_index(
    model: Sight,
    corpus: Corpus,
    length: int | None = None,
    on_block: Callable[[], None] = lambda: None,
    hidden: Sequence[str] = (),
) -> Index:
    """The index of all usable training draws that a model can be asked about, as it sees their first ``length`` steps.

    Nothing is shown of the series ``hidden``, which the data lack.

    Embeddings lie in a temporary file meanwhile; in memory are those of one block, and what the search keeps.
    ``on_block`` is called after each block. Raises `DataError` for a corpus that holds no such draws, or too few.
    """
    began = time.perf_counter()
    reference = embedded(model, corpus, "reference", length, REFERENCE, hidden)
    with TemporaryDirectory(prefix="sgnn-index-") as scratch:
        found = _embedded_on_disk(model, corpus, length, hidden, Path(scratch) / "embeddings.f32", on_block)
        if len(found.draws) < _LEAST or len(reference.draws) < 2:
            raise DataError(
                f"corpus {corpus.name} has {len(found.draws)} draws to index and {len(reference.draws)} to judge by",
                remedy=f"grow it: {_LEAST} and 2 are needed",
            )
        chosen, scores, whole = _choose(found, reference, len(corpus.schema.mechanisms))
        queries = chosen.place(reference.embeddings)

        def places() -> Iterator[NDArray[np.float32]]:
            for at in range(0, len(found.draws), _PART):
                yield chosen.place(found.embeddings[at : at + _PART])

        search = make_search(places, len(found.draws), chosen.size, queries)
        sampled = whole.place(found.embeddings[_spread(len(found.draws), SAMPLE)])
    sample = make_search(lambda: iter([sampled]), len(sampled), whole.size, sampled[:1])
    typicality = Typicality(whole, sample, np.sort(distance(whole, sample, reference.embeddings)))
    about = About(
        corpus=corpus.name,
        content_digest=corpus.content_digest,
        version=corpus.version,
        model_digest=model.digest,
        length=length,
        hidden=tuple(hidden),
        draws=len(found.draws),
        dimensions=chosen.size,
        space=chosen.name,
        spaces=scores,
        search=search.kind,
        recall=search.recall,
        sample_search=sample.kind,
        seconds=time.perf_counter() - began,
    )
    return Index(about, chosen, search, found.draws, found.quantities, found.mechanism, typicality, reference.summaries)


def embedded(
    model: Sight,
    corpus: Corpus,
    use: Use,
    length: int | None = None,
    most: int | None = None,
    hidden: Sequence[str] = (),
) -> Embedded:
    """The draws of one use in memory, embedded."""
    part = gathered(drawn(corpus, _names(model, corpus), use, most, model.task))
    if not len(part):
        raise DataError(
            f"corpus {corpus.name} has no usable draws of the kind '{use}'", remedy="grow it to some hundreds of draws"
        )
    shown = cut(part.arrays, model.task.seen, length, hidden)
    return _with(part, model.embed_draws(shown), model.task.summaries(corpus.schema, shown)[1], corpus)


def _embedded_on_disk(
    model: Sight,
    corpus: Corpus,
    length: int | None,
    hidden: Sequence[str],
    file: Path,
    on_block: Callable[[], None],
) -> Embedded:
    """The draws of the index; their embeddings are mapped from a file, which is written block by block."""
    parts, size = list[Embedded](), 0
    with file.open("wb") as out:
        for part in drawn(corpus, _names(model, corpus), "index", task=model.task):
            if len(part):
                embeddings = model.embed_draws(cut(part.arrays, model.task.seen, length, hidden))
                size = embeddings.shape[1]
                out.write(np.ascontiguousarray(embeddings, dtype=np.float32).tobytes())
                parts.append(_with(part, embeddings[:0], np.empty((0, 0)), corpus))
            on_block()
    if not parts:
        raise DataError(f"corpus {corpus.name} has no usable draws", remedy="see `sgnn corpus failures`")
    draws = np.concatenate([part.draws for part in parts])
    return Embedded(
        draws=draws,
        embeddings=np.memmap(file, dtype=np.float32, mode="r", shape=(len(draws), size)),
        quantities=np.concatenate([part.quantities for part in parts]),
        mechanism=np.concatenate([part.mechanism for part in parts]),
        summaries=np.empty((0, 0)),
    )


def _choose(found: Embedded, reference: Embedded, mechanisms: int) -> tuple[Space, dict[str, float], Space]:
    """The space whose neighbours say most of held-out draws, the score of each, and the whitened one.

    The score is the CRPS of ranks of quantities, and the Brier score of the mechanism, each over that of the prior.
    """
    rows = _spread(len(found.draws), _FITTING)
    embeddings, labels = found.embeddings[rows], found.mechanism[rows].astype(np.int64)
    both = ranks(np.concatenate([found.quantities[rows], reference.quantities[:_CHOOSING]]))
    own, truth = both[: len(rows)], both[len(rows) :]
    one_hot = (labels[:, None] == np.arange(mechanisms)).astype(np.float64)
    spaces = candidates(embeddings, np.concatenate([np.where(np.isfinite(own), own, 0.5), one_hot], axis=1))
    queries = Embedded(
        reference.draws[:_CHOOSING],
        reference.embeddings[:_CHOOSING],
        truth,
        reference.mechanism[:_CHOOSING],
        reference.summaries,
    )
    scores = {space.name: _score(space, embeddings, own, labels, queries, mechanisms) for space in spaces}
    chosen = min(spaces, key=lambda space: scores[space.name])
    return chosen, scores, next(space for space in spaces if space.name == "whitened")


def _score(
    space: Space,
    embeddings: NDArray[np.float32],
    own: NDArray[np.float64],
    labels: NDArray[np.int64],
    queries: Embedded,
    mechanisms: int,
) -> float:
    """Of one space, see `_choose`; ``own`` and the queries' quantities are ranks."""
    placed = space.place(embeddings)
    search = make_search(lambda: iter([placed]), len(placed), space.size, placed[:1])
    number = min(NEIGHBOURS, len(placed) - 1)
    distances, rows = search.nearest(space.place(queries.embeddings), number + 1)
    weights = kernel_weights(distances[:, :-1], distances[:, -1])
    rows = rows[:, :-1]
    parts = []
    for column in range(own.shape[1]):
        score = weighted_crps(own[rows, column], weights, queries.quantities[:, column])
        if np.isfinite(score).any():
            # the mean CRPS of a uniform prior is 1/6
            parts.append(6.0 * float(np.nanmean(score)))
    scores = [float(np.mean(parts))] if parts else []
    if mechanisms > 1:
        prior = np.bincount(labels, minlength=mechanisms) / len(labels)
        truth = (queries.mechanism[:, None] == np.arange(mechanisms)).astype(np.float64)
        said = class_probabilities(labels[rows], weights, mechanisms, prior)
        scores.append(_brier(said, truth) / max(_brier(np.broadcast_to(prior, truth.shape), truth), 1e-12))
    return float(np.mean(scores)) if scores else 0.0


def _brier(said: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    return float(((said - truth) ** 2).sum(axis=1).mean())


def _names(model: Sight, corpus: Corpus) -> tuple[str, ...]:
    return (*model.task.seen, *quantity_arrays(corpus.schema), "mechanism")


def _with(part: Drawn, embeddings: NDArray[np.float32], numbers: NDArray[np.float64], corpus: Corpus) -> Embedded:
    return Embedded(
        part.draws,
        embeddings,
        quantities(part.arrays, corpus.schema),
        part.arrays["mechanism"].astype(np.int16),
        numbers,
    )


def _spread(number: int, most: int) -> NDArray[np.int64]:
    """At most ``most`` rows, evenly spread."""
    return np.unique(np.linspace(0, number - 1, min(number, most)).astype(np.int64))
