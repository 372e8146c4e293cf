"""Making the domain of a trained network, and holding data against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sgnn.errors import DataError
from sgnn.learning.domain import Domain, Judgement, View, cloud

if TYPE_CHECKING:
    import xarray as xr

    from sgnn.corpus.reader import Corpus
    from sgnn.learning.model import Model

Array = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]
TAUGHT, APART = 1000, 1000
"""Draws of a cloud, and draws kept from training that judge it, at most."""
_LENGTHS = 6
_FEWEST = 20
_SEED = 2005


def make_domain(
    model: Model,
    corpora: Sequence[tuple[Corpus, float]],
    seed: int = 0,
    mechanisms: Mapping[str, float] | None = None,
    cache: Path | None = None,
) -> Domain | None:
    """How the draws that taught a model look to it, cut to every length that it answers, weighed as in training.

    None for a task that embeds nothing, and where fewer than twenty draws were kept apart.
    """
    from sgnn.learning.stream import CorpusStream

    try:
        seen = model.task.seen
    except DataError:
        return None
    streams = [
        CorpusStream(corpora, seen, 1, seed, part, mechanisms=mechanisms, cache=cache) for part in ("train", "held_out")
    ]
    if streams[1].draws < _FEWEST:
        return None
    taught, apart = (_asked(model, stream.sample(most)) for stream, most in zip(streams, (TAUGHT, APART), strict=True))
    series = model.task.series(model.schema)
    aloneness = (False, True) if len(series) > 1 else (False,)
    views = []
    for above, upto in _spans(model, series):
        for alone in aloneness:
            sides = [_looks(model, part, series, above, upto, alone) for part in (taught, apart)]
            if min(len(embedding) for embedding, _ in sides) < _FEWEST:
                continue
            (taught_seen, taught_told), (apart_seen, apart_told) = sides
            # the network has learnt to spread draws evenly; what the eye sees of them is crowded in places
            told = cloud(taught_told, apart_told, local=True) if taught_told.size else None
            views.append(View(above, upto, alone, cloud(taught_seen, apart_seen), told))
    return Domain(tuple(views)) if views else None


def judge(model: Model, shown: Mapping[str, NDArray[Any]], lengths: Sequence[int] | None = None) -> Judgement | None:
    """How typical data are, arrays (query, …) under the names of `Task.seen`; None for a model without a domain.

    ``lengths`` (query,) are the steps known, up to the last one observed where not given. Of series longer than those
    simulated the last steps are judged.
    """
    if model.domain is None:
        return None
    series = model.task.series(model.schema)
    number = len(next(iter(shown.values())))
    steps = np.asarray(lengths if lengths is not None else _lengths(shown, series, number), dtype=np.int64)
    alone = np.zeros(number, dtype=np.bool_)
    for name in series[1:]:
        columns = np.arange(shown[name].shape[1])
        alone |= ~(np.isfinite(shown[name].astype(np.float64)) & (columns < steps[:, None])).any(axis=1)
    most = _steps(model, series)
    embedded, told = np.full(number, np.nan), np.full(number, np.nan)
    judges = APART
    for length, by_itself in sorted({(int(one), bool(other)) for one, other in zip(steps, alone, strict=True)}):
        rows = np.flatnonzero((steps == length) & (alone == by_itself))
        view = model.domain.view(min(length, most) if most else 0, by_itself)
        part = _cut({name: array[rows] for name, array in shown.items()}, series, length, most, view.alone)
        embedded[rows] = view.embedding.p_value(model.embed_draws(part).astype(np.float64))
        judges = min(judges, len(view.embedding.reference))
        numbers = _told(model, part, series, view.alone)
        # a model of before may have been judged by other summaries
        if view.summaries is not None and numbers.shape[1] == len(view.summaries.centre):
            told[rows] = view.summaries.p_value(numbers)
    both = np.isfinite(told)
    typicality = np.where(both, np.minimum(1.0, 2.0 * np.fmin(embedded, told)), embedded)
    return Judgement(typicality, embedded, told, judges)


def judge_panel(model: Model, panel: xr.Dataset) -> Judgement | None:
    """How typical the series of a panel are, prepared as the model has learnt to see them; None without a domain."""
    return None if model.domain is None else judge(model, model.task.shown(panel))


def judge_origins(model: Model, panel: xr.Dataset, origins: Sequence[int]) -> list[Judgement] | None:
    """How typical the series of a panel are as each origin knows them, nothing after it; None without a domain."""
    if model.domain is None:
        return None
    shown = model.task.shown(panel)
    number = panel.sizes["series"]
    told = [judge(model, shown, [origin + 1] * number) for origin in origins]
    return [one for one in told if one is not None]


def _asked(model: Model, draws: Arrays) -> Arrays:
    """The draws that the model can be asked about."""
    rows = np.flatnonzero(model.task.answerable({name: draws[name] for name in model.task.seen}))
    return {name: array[rows] for name, array in draws.items()}


def _looks(
    model: Model, draws: Arrays, series: Sequence[str], above: int, upto: int, alone: bool
) -> tuple[Array, Array]:
    """Embeddings and summaries of draws cut to chance lengths of a span; those that are shorter are left out."""
    shown = {name: draws[name] for name in model.task.seen}
    if not upto:
        return model.embed_draws(shown).astype(np.float64), _told(model, shown, series, alone)
    own = _lengths(shown, series, len(draws["draw"]))
    chance = np.random.default_rng([_SEED, upto])
    ends = above + 1 + (chance.random(len(own)) * (np.minimum(own, upto) - above)).astype(np.int64)
    # of those that end by themselves in the span, as many are seen whole as were cut short
    ends = np.where((own <= upto) & (chance.random(len(own)) < 0.5), own, ends)
    embeddings, told = [], []
    for end in np.unique(ends[own > above]):
        rows = np.flatnonzero((own > above) & (ends == end))
        part = _cut({name: array[rows] for name, array in shown.items()}, series, int(end), upto, alone)
        embeddings.append(model.embed_draws(part).astype(np.float64))
        told.append(_told(model, part, series, alone))
    if not embeddings:
        return np.empty((0, 0)), np.empty((0, 0))
    return np.concatenate(embeddings), np.concatenate(told)


def _told(model: Model, part: Arrays, series: Sequence[str], alone: bool) -> Array:
    """Summaries (draw, summary) of what is looked at: of several series the first ``alone``, or all."""
    left_out = series[1:] if alone else ()
    shown = {name: array for name, array in part.items() if name not in left_out}
    return model.task.summaries(model.schema, shown)[1]


def _cut(arrays: Arrays, series: Sequence[str], length: int, most: int, alone: bool) -> Arrays:
    """What a network is shown when so many steps are known, of which it sees the last ``most``."""
    found = dict(arrays)
    for name in series:
        found[name] = arrays[name][:, max(length - most, 0) : length].astype(np.float32)
    for name in series[1:] if alone else ():
        found[name] = np.full_like(found[name], np.nan)
    return found


def _steps(model: Model, series: Sequence[str]) -> int:
    """Steps that are simulated; 0 where nothing is a series."""
    return model.schema.dimension(model.schema.variable(series[0]).dims[0]).size if series else 0


def _spans(model: Model, series: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Spans of lengths, above one and up to another, in even ratios from the fewest steps to all."""
    most = _steps(model, series)
    if not most:
        yield 0, 0
        return
    fewest = max(1, min(model.task.fewest_steps, most))
    edges = np.unique(np.rint(np.geomspace(fewest, most, _LENGTHS + 1)).astype(np.int64))
    edges[0] = max(edges[0] - 1, 0)
    if len(edges) == 1:
        edges = np.array([0, most])
    yield from zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)


def _lengths(shown: Mapping[str, NDArray[Any]], series: Sequence[str], number: int) -> NDArray[np.int64]:
    """Steps (draw,) up to the last one observed of any series."""
    found = np.zeros(number, dtype=np.int64)
    for name in series:
        seen = np.isfinite(shown[name].astype(np.float64))
        last = seen.shape[1] - seen[:, ::-1].argmax(axis=1)
        found = np.maximum(found, np.where(seen.any(axis=1), last, 0))
    return found
