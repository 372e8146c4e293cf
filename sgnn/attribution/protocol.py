"""The protocol `attribution`: what neighbours say of draws whose origin is known, beside the network's own answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sgnn.attribution.adjusted import adjusted, smoothed_quantiles
from sgnn.attribution.asked import Asked, asked_of, exact_quantiles
from sgnn.attribution.build import Sight, build_index
from sgnn.attribution.drawn import Drawn, drawn, gathered, quantity_arrays
from sgnn.attribution.index import Index
from sgnn.attribution.kept import kept_index
from sgnn.attribution.posterior import class_probabilities, kernel_weights
from sgnn.attribution.rivals import BySummaries, untrained
from sgnn.corpus.reader import open_corpus
from sgnn.evaluation.estimates.answers import MODEL, Estimates
from sgnn.evaluation.estimates.outcome import EstimateBenchmark
from sgnn.evaluation.log_score import log_score
from sgnn.evaluation.protocol import Protocol
from sgnn.learning.estimate.predict import estimate
from sgnn.learning.estimate.task import EstimateTask
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.settings import Settings

Array = NDArray[np.float64]
DRAWS, CHOOSING = 1000, 250
NUMBERS = (50, 100, 200, 400, 800)
"""Numbers of neighbours that are tried on draws kept apart from those that are scored."""
HEAD, EXACT, UNTRAINED, SUMMARIES, PRIOR = "head", "exact", "untrained", "abc_summaries", "prior"
_LEVELS = np.array(LEVELS)


@dataclass(frozen=True)
class Way:
    """How neighbours are made to answer: how many, and whether they are moved to the data."""

    number: int
    moved: bool


@dataclass(frozen=True)
class Ways:
    """The way of each quantity, and that of the mechanism."""

    quantities: Mapping[str, Way]
    mechanism: Way


class Attribution(Protocol):
    """Held-out draws: parameters and mechanism as their neighbours tell them.

    Beside them the network's own head, where it has one; neighbours by an untrained network; approximate Bayesian
    computation with summaries made by hand, given the same choice of spaces and neighbours; the prior; and the exact
    posterior, where the simulator knows it (``exact_quantiles``).
    """

    name = "attribution"

    def __init__(self, draws: int = DRAWS, numbers: tuple[int, ...] = NUMBERS) -> None:
        self.draws, self.numbers = draws, numbers

    def tiny(self) -> Attribution:
        """A few draws: no result, a test of the way."""
        return Attribution(draws=20, numbers=(10, 20))

    def run(self, model: Model, settings: Settings, name: str = "model") -> EstimateBenchmark:
        """Score on the corpus that taught the model. Raises `DataError` for a model that embeds nothing."""
        corpus = open_corpus(model.provenance["corpus_content_digest"], settings)
        names = (*model.task.seen, *quantity_arrays(corpus.schema), "mechanism")
        judges = gathered(drawn(corpus, names, "reference", CHOOSING, model.task))
        test = gathered(drawn(corpus, names, "test", self.draws, model.task))
        index = kept_index(model, corpus, None, settings)
        asked = asked_of(model, index)
        others: dict[str, Sight] = {UNTRAINED: untrained(model), SUMMARIES: BySummaries(model)}
        rivals: dict[str, tuple[Sight, Index]] = {MODEL: (model, index)}
        rivals |= {rival: (other, build_index(other, corpus)) for rival, other in others.items()}
        mechanisms = len(corpus.schema.mechanisms)
        methods: dict[str, Mapping[str, Array]] = {}
        probabilities: dict[str, Array] = {}
        ways: dict[str, Ways] = {}
        for method, (sight, known) in rivals.items():
            ways[method] = self._ways(sight, known, asked, judges, mechanisms)
            answers = answered_by(sight, known, asked, test, ways[method], mechanisms)
            methods[method], probabilities[method] = answers.quantiles, answers.probabilities
        methods[PRIOR] = asked.prior(index, len(test))
        probabilities[PRIOR] = np.tile(_shares(index, mechanisms), (len(test), 1))
        head = _head(model, test)
        if head is not None:
            methods[HEAD] = {one: head["estimate"].sel(parameter=one).to_numpy() for one in asked.names}
            if "probability" in head:
                probabilities[HEAD] = head["probability"].to_numpy()
        exact = exact_quantiles(corpus, asked, test.arrays, _LEVELS)
        if exact:
            methods[EXACT] = exact
        truth = asked.truth(test.arrays)
        return EstimateBenchmark(
            protocol=self.name,
            model=name,
            estimates=Estimates(
                truth=truth,
                methods=methods,
                levels=_LEVELS,
                values=_series(model, test),
                units=asked.units,
                mechanisms=corpus.schema.mechanisms,
                mechanism=test.arrays["mechanism"].astype(np.int64),
                probabilities=probabilities if mechanisms > 1 else {},
            ),
            informed=(EXACT,) if exact else (),
            data={f"corpus {corpus.name} version {corpus.version}": corpus.content_digest},
            notes=_notes(index, ways[MODEL], len(test)),
            figures=_figures(truth, methods, index, ways[MODEL]),
        )

    def _ways(self, sight: Sight, index: Index, asked: Asked, judges: Drawn, mechanisms: int) -> Ways:
        """Those that score best on draws kept apart: those that are scored choose nothing."""
        truth, labels = asked.truth(judges.arrays), judges.arrays["mechanism"].astype(np.int64)
        most = index.about.draws - 1
        tried = {Way(min(number, most), moved): None for number in self.numbers for moved in (False, True)}
        found = {way: neighbours_answer(sight, index, asked, judges, way, mechanisms) for way in tried}

        def best(score: Callable[[Answers], float]) -> Way:
            return max(found, key=lambda way: score(found[way]))

        own = {
            name: best(lambda one, name=name: _score(one.quantiles[name], truth[name]))  # type: ignore[misc]
            for name in asked.names
        }
        return Ways(own, best(lambda one: float(np.log(one.probabilities[np.arange(len(labels)), labels]).mean())))


@dataclass(frozen=True)
class Answers:
    """Quantiles (draw, quantile) by quantity, and probabilities (draw, mechanism)."""

    quantiles: Mapping[str, Array]
    probabilities: Array


def answered_by(sight: Sight, index: Index, asked: Asked, draws: Drawn, ways: Ways, mechanisms: int) -> Answers:
    """What the neighbours of draws say, each quantity and the mechanism in its own way."""
    wanted: dict[Way, list[str]] = {ways.mechanism: []}
    for name, way in ways.quantities.items():
        wanted.setdefault(way, []).append(name)
    found = {
        way: neighbours_answer(sight, index, asked, draws, way, mechanisms, names) for way, names in wanted.items()
    }
    quantiles = {name: found[way].quantiles[name] for name, way in ways.quantities.items()}
    return Answers(quantiles, found[ways.mechanism].probabilities)


def neighbours_answer(
    sight: Sight,
    index: Index,
    asked: Asked,
    draws: Drawn,
    way: Way,
    mechanisms: int,
    names: Collection[str] | None = None,
) -> Answers:
    """What the neighbours of draws say of everything asked, or of some quantities alone."""
    embeddings = sight.embed_draws({name: draws.arrays[name] for name in sight.task.seen})
    distances, rows, beyond = index.nearest(embeddings, way.number)
    weights = kernel_weights(distances, beyond)
    offsets = None
    if way.moved:
        own = index.space.place(embeddings).astype(np.float64)
        offsets = index.search.places(rows).astype(np.float64) - own[:, None]
    found = {}
    for one, column in zip(asked.names, asked.columns, strict=True):
        if names is not None and one not in names:
            continue
        values = asked.to_scale(one, np.asarray(index.quantities[:, column])[rows])
        moved = values if offsets is None else adjusted(values, weights, offsets)
        found[one] = asked.from_scale(one, smoothed_quantiles(moved, weights, _LEVELS, asked.spread[one]))
    labels = np.asarray(index.mechanism)[rows].astype(np.int64)
    return Answers(found, class_probabilities(labels, weights, mechanisms, _shares(index, mechanisms)))


def _shares(index: Index, mechanisms: int) -> Array:
    """Share (mechanism,) of the draws of an index that each mechanism made."""
    return np.asarray(np.bincount(index.mechanism, minlength=mechanisms) / len(index.mechanism))


def _head(model: Model, draws: Drawn) -> xr.Dataset | None:
    """The network's own answers about draws, told nothing beside them; None for one that does not estimate."""
    if not isinstance(model.task, EstimateTask):
        return None
    first, *others = model.task.options.series
    series: dict[str, tuple[tuple[str, ...], Array]] = {
        "value": (("series", "time"), draws.arrays[first].astype(np.float64))
    }
    series |= {name: (("series", "time"), draws.arrays[name].astype(np.float64)) for name in others}
    series |= {one.name: (("series",), np.full(len(draws), np.nan)) for one in model.task.options.given}
    steps = draws.arrays[first].shape[1]
    return estimate(model, xr.Dataset(series, coords={"series": draws.draws, "time": np.arange(steps)}))


def _series(model: Model, draws: Drawn) -> Array:
    """The first series of every draw (draw, time); a step of nothing for what is no series."""
    for name in model.task.seen:
        if draws.arrays[name].ndim == 2:
            return draws.arrays[name].astype(np.float64)
    return np.zeros((len(draws), 1))


def _figures(
    truth: Mapping[str, Array], methods: Mapping[str, Mapping[str, Array]], index: Index, ways: Ways
) -> dict[str, float]:
    """Gains in log score over the prior, nats a parameter, and what share of others' gains the neighbours have.

    ``least_share_of_head`` is that of the quantity of which they know least beside the head.
    """
    scores = {method: _mean_score(found, truth) for method, found in methods.items()}
    gains = {method: value - scores[PRIOR] for method, value in scores.items() if method != PRIOR}
    shares = {
        f"share_of_{method}": gains[MODEL] / gains[method]
        for method in (HEAD, EXACT)
        if method in gains and gains[method] > 0.0
    }
    if HEAD in methods:
        each = {name: {one: _score(methods[one][name], truth[name]) for one in (MODEL, HEAD, PRIOR)} for name in truth}
        own = [(one[MODEL] - one[PRIOR]) / (one[HEAD] - one[PRIOR]) for one in each.values() if one[HEAD] > one[PRIOR]]
        shares |= {"least_share_of_head": float(min(own))} if own else {}
    told = {f"gain_{method}": value for method, value in gains.items()}
    numbers = {f"neighbours_{name}": float(way.number) for name, way in ways.quantities.items()}
    return {**told, **shares, **numbers, "recall": index.about.recall}


def _score(quantiles: Array, truth: Array) -> float:
    """Mean log score over draws."""
    return float(np.nanmean(log_score(quantiles, _LEVELS, truth)))


def _mean_score(found: Mapping[str, Array], truth: Mapping[str, Array]) -> float:
    """Mean log score over draws, then over quantities."""
    return float(np.mean([_score(found[one], truth[one]) for one in truth]))


def _notes(index: Index, ways: Ways, draws: int) -> tuple[str, ...]:
    chosen = ", ".join(
        f"{name}: {way.number}{' moved to the data' if way.moved else ''}"
        for name, way in [*ways.quantities.items(), ("mechanism", ways.mechanism)]
    )
    return (
        f"{draws} held-out draws against {index.about.draws} of the corpus, in the space '{index.about.space}'",
        f"neighbours by held-out draws that are not scored; {chosen}",
        "gains are log scores less the prior's, in nats, and do not depend on units",
    )
