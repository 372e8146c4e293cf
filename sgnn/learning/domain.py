"""The domain of a model: what the simulations that taught it look like, and whether data look like any of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
THRESHOLD = 0.05
"""Typicality below which an answer says `NOTHING`."""
NOTHING = "nothing simulated looks like this"
NEAREST = 10
"""Draws whose mean distance is judged."""
_ALIKE = 0.3
"""Share of the usual distance that is added to each: draws may be the very same."""
_PART = 256
KEPT = 0.9995
"""Share of the variance that the directions kept have together."""


@dataclass(frozen=True)
class Cloud:
    """Draws as points, every direction whitened; ``reference`` holds, in order, distances of draws kept apart to them.

    ``centre`` (feature,), ``turn`` (feature, direction), ``sample`` (draw, direction), ``reference`` (draw,). ``scale``
    (draw,) is what a distance to a draw is measured in: 1, or how far that draw is from its own neighbours, so that
    what lies a little apart from a dense crowd is told from it: Breunig et al. (2000).
    """

    centre: NDArray[np.float32]
    turn: NDArray[np.float32]
    sample: NDArray[np.float16]
    scale: NDArray[np.float32]
    reference: NDArray[np.float32]

    def distance(self, values: Array) -> Array:
        """Mean distance (query,) of values (query, feature) to the nearest of the sample, in their mean scale."""
        known = np.where(np.isfinite(values), values, self.centre)
        places = (known - self.centre).astype(np.float64) @ self.turn.astype(np.float64)
        return _distance(places, self.sample.astype(np.float64), self.scale.astype(np.float64))

    def p_value(self, values: Array) -> Array:
        """Share (query,) of the draws kept apart that lie at least as far, the query itself counted with them.

        For a new draw it is below x at most x of the time: a conformal p-value, Vovk et al. (2005).
        """
        own = self.distance(values).astype(np.float32)
        beyond = len(self.reference) - np.searchsorted(self.reference, own, side="left")
        return np.asarray((1.0 + beyond) / (1.0 + len(self.reference)))


@dataclass(frozen=True)
class View:
    """Draws as they look when ``above`` to ``upto`` steps of them are known, 0 to 0 for what has no steps.

    ``alone``: without the series that may stand beside the first. ``summaries`` is None for what is no series.
    """

    above: int
    upto: int
    alone: bool
    embedding: Cloud
    summaries: Cloud | None


@dataclass(frozen=True)
class Judgement:
    """Of each query: ``typicality`` (query,), and the two p-values that it is made of, NaN where there is none.

    ``embedding`` judges what the network makes of the data, ``prior_predictive`` numbers that can be read off by eye.
    Typicality is twice the smaller one (Bonferroni), so that it is below x at most x of the time.
    """

    typicality: Array
    embedding: Array
    prior_predictive: Array
    judges: int

    def messages(self, threshold: float = THRESHOLD) -> list[str]:
        """What is to be said of each query: nothing where it is typical, or was not judged."""
        return [NOTHING if value < threshold else "" for value in self.typicality.tolist()]

    def to_json(self, row: int, threshold: float = THRESHOLD) -> dict[str, float | str | None]:
        """One query's part of an answer."""
        values = {
            "typicality": self.typicality[row],
            "embedding_p_value": self.embedding[row],
            "prior_predictive_p_value": self.prior_predictive[row],
        }
        told: dict[str, float | str | None] = {
            name: float(value) if np.isfinite(value) else None for name, value in values.items()
        }
        return {**told, "message": self.messages(threshold)[row]}


@dataclass(frozen=True)
class Domain:
    """All views of the draws that taught a model, kept with it: no corpus is needed to judge data."""

    views: tuple[View, ...]

    def view(self, steps: int, alone: bool) -> View:
        """How draws look when as much of them is known; the nearest length where none is as short or as long."""
        fitting = [one for one in self.views if one.alone == alone] or list(self.views)
        return min(fitting, key=lambda one: (max(one.above + 1 - steps, 0, steps - one.upto), one.upto))

    def tensors(self) -> dict[str, NDArray[np.floating]]:
        """All arrays by name; `domain_of_tensors` reads them."""
        found: dict[str, NDArray[np.floating]] = {}
        for one in self.views:
            stem = f"{one.above}-{one.upto}-{int(one.alone)}"
            for kind, cloud in (("embedding", one.embedding), ("summaries", one.summaries)):
                if cloud is not None:
                    found |= {f"{stem}/{kind}/{name}": array for name, array in vars(cloud).items()}
        return found


def domain_of_tensors(tensors: Mapping[str, NDArray[np.floating]]) -> Domain:
    """What `Domain.tensors` gave. Raises `ValueError` or `KeyError` for other names."""
    clouds: dict[tuple[str, str], dict[str, NDArray[np.floating]]] = {}
    for name, array in tensors.items():
        stem, kind, part = name.split("/")
        clouds.setdefault((stem, kind), {})[part] = array
    views = []
    for stem in dict.fromkeys(stem for stem, _ in clouds):
        above, upto, alone = (int(part) for part in stem.split("-"))
        summaries = clouds.get((stem, "summaries"))
        embedding = _cloud(clouds[stem, "embedding"])
        views.append(View(above, upto, bool(alone), embedding, None if summaries is None else _cloud(summaries)))
    return Domain(tuple(views))


def cloud(taught: Array, apart: Array, local: bool = False) -> Cloud:
    """A cloud of draws (draw, feature) that taught, judged by draws (draw, feature) that did not; NaN is the mean.

    ``local``: distances count by how dense the cloud is where they are measured.
    """
    centre = np.nan_to_num(np.nanmean(np.where(np.isfinite(taught), taught, np.nan), axis=0))
    values = np.where(np.isfinite(taught), taught, centre) - centre
    turn = _whitening(values).astype(np.float32)
    sample = (values @ turn).astype(np.float16)
    scale = _spacing(sample.astype(np.float64)) if local else np.ones(len(sample))
    made = Cloud(centre.astype(np.float32), turn, sample, scale.astype(np.float32), np.empty(0, dtype=np.float32))
    return replace(made, reference=np.sort(made.distance(apart)).astype(np.float32))


def _cloud(parts: Mapping[str, NDArray[np.floating]]) -> Cloud:
    found = Cloud(
        centre=parts["centre"].astype(np.float32),
        turn=parts["turn"].astype(np.float32),
        sample=parts["sample"].astype(np.float16),
        scale=parts.get("scale", np.ones(len(parts["sample"]))).astype(np.float32),
        reference=parts["reference"].astype(np.float32),
    )
    if found.turn.shape != (len(found.centre), found.sample.shape[1]):
        raise ValueError(f"a turn of shape {found.turn.shape} fits neither centre nor sample")
    return found


def _whitening(values: Array) -> Array:
    """Map (feature, direction) after which centred values (draw, feature) have variance 1 in every direction kept."""
    spread = values.std(axis=0)
    largest = max(float(spread.max(initial=0.0)), 1e-12)
    scale = np.where(spread > 1e-6 * largest, 1.0 / np.maximum(spread, 1e-12), 0.0)
    covariance = (values * scale).T @ (values * scale) / max(len(values), 1)
    variance, directions = np.linalg.eigh(covariance)
    variance, directions = variance[::-1], directions[:, ::-1]
    share = np.cumsum(variance) / max(float(variance.sum()), 1e-300)
    kept = max(1, min(int(np.searchsorted(share, KEPT)) + 1, int((variance > 1e-4 * variance[0]).sum())))
    return np.asarray(scale[:, None] * directions[:, :kept] / np.sqrt(np.maximum(variance[:kept], 1e-300)))


def _distance(places: Array, sample: Array, scale: Array) -> Array:
    """Mean distance (query,) of places (query, direction) to their nearest in a sample (draw, direction), scaled."""
    found = np.empty(len(places))
    for rows, distances, nearest in _nearest(places, sample, NEAREST):
        found[rows] = distances.mean(axis=1) / scale[nearest].mean(axis=1)
    return found


def _spacing(sample: Array) -> Array:
    """Mean distance (draw,) of each draw of a sample to its nearest, and a part of what is usual: some are alike."""
    own = np.empty(len(sample))
    for rows, distances, _ in _nearest(sample, sample, NEAREST + 1):
        own[rows] = np.sort(distances, axis=1)[:, 1:].mean(axis=1)
    return np.asarray(own + _ALIKE * np.median(own) + 1e-12)


def _nearest(places: Array, sample: Array, number: int) -> Iterator[tuple[slice, Array, NDArray[np.int64]]]:
    """Rows, and for each its nearest draws of a sample with their distances (query, draw), in no order."""
    most = min(number, len(sample))
    squares = (sample**2).sum(axis=1)
    for at in range(0, len(places), _PART):
        part = places[at : at + _PART]
        squared = (part**2).sum(axis=1)[:, None] - 2.0 * part @ sample.T + squares
        nearest = np.argpartition(squared, most - 1, axis=1)[:, :most]
        distances = np.sqrt(np.maximum(np.take_along_axis(squared, nearest, axis=1), 0.0))
        yield slice(at, at + len(part)), distances, nearest
