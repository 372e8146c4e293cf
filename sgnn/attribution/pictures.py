"""Pictures of an explanation: series over their neighbours, and parameters of neighbours over all that were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sgnn.attribution.drawn import at as arrays_at
from sgnn.attribution.explain import Explanation
from sgnn.attribution.index import Index
from sgnn.corpus.reader import Corpus
from sgnn.evaluation.figures.portraits import portraits_figure
from sgnn.evaluation.figures.style import ACCENT, MODEL, MUTED, TRUTH, figure, style
from sgnn.learning.domain import NOTHING
from sgnn.learning.portrait import Portrait
from sgnn.learning.task import Task

_SHOWN = 12
_CLOUDS = 8
_PORTRAITS = 5
_MAGNITUDES = 30.0
"""Ratio of its ends beyond which a quantity is drawn on a logarithmic axis."""


def neighbours_figure(
    found: Explanation, row: int, name: str, series: NDArray[np.float32], neighbours: NDArray[np.float32]
) -> Figure:
    """One series (time,) over its nearest draws (neighbour, time), the darker the more they weigh.

    What a network sees is free of scale: each draw is drawn at the size of the series.
    """
    steps = min(len(series), neighbours.shape[1])
    own, theirs = series[:steps], neighbours[:_SHOWN, :steps]
    with style():
        drawn = figure(6.6, 3.0)
        axis = drawn.subplots()
        size = np.nanmean(np.abs(own)) if np.isfinite(own).any() else 1.0
        heaviest = max(float(found.weights[row].max()), 1e-12)
        for at, path in enumerate(theirs):
            mean = np.nanmean(np.abs(path)) if np.isfinite(path).any() else 0.0
            shade = 0.15 + 0.5 * float(found.weights[row, at]) / heaviest
            label = "nearest draws, at the size of the series" if at == 0 else None
            axis.plot(path * (size / max(float(mean), 1e-12)), color=MODEL, alpha=shade, linewidth=1.0, label=label)
        axis.plot(own, color=TRUTH, linewidth=1.6, label=name)
        about = f"typicality {found.typicality[row]:.2g}"
        if not found.typical[row]:
            about = f"{NOTHING} ({about})"
        axis.set_title(f"{name}\n{about}", fontsize=9, color=TRUTH if found.typical[row] else ACCENT)
        axis.set(xlabel="step", ylabel="value")
        axis.set_ylim(
            bottom=min(0.0, float(np.nanmin(own, initial=0.0))), top=2.0 * max(float(np.nanmax(own, initial=0.0)), 1e-9)
        )
        axis.legend(fontsize=8)
    return drawn


def portraits_of_neighbours(
    found: Explanation, row: int, name: str, own: Portrait, task: Task, corpus: Corpus
) -> Figure:
    """A graph beside its nearest draws, with where these began."""
    draws = found.draws[row, :_PORTRAITS].tolist()
    arrays = arrays_at(corpus, draws, task.inputs(corpus.schema))
    simulated = [task.portrait(arrays, one) for one in range(len(draws))]
    titles = [
        f"draw {draw}, {found.schema.mechanisms[int(mechanism)]}"
        for draw, mechanism in zip(draws, found.mechanism[row], strict=False)
    ]
    pairs = [(title, one) for title, one in zip(titles, simulated, strict=True) if one is not None]
    about = f"typicality {found.typicality[row]:.2g}"
    return portraits_figure(
        [(name, own), *pairs], f"{name if found.typical[row] else NOTHING} ({about}), and where the nearest draws began"
    )


def clouds_figure(found: Explanation, row: int, name: str, index: Index) -> Figure | None:
    """Histograms of the quantities that neighbours narrow most, over all draws of the index; None for no quantity."""
    chosen = _narrowed(found, row, index)
    if not chosen:
        return None
    with style():
        lines = -(-len(chosen) // 4)
        drawn = figure(10.0, 2.1 * lines + 0.4)
        axes = drawn.subplots(lines, 4, squeeze=False)
        for axis, at in zip(axes.flat, chosen, strict=False):
            prior, own = np.asarray(index.quantities[:, at]), found.quantities[row, :, at]
            prior, known = prior[np.isfinite(prior)], np.isfinite(own)
            bins, scale = _bins(prior)
            shares = np.full(len(prior), 1.0 / len(prior))
            axis.hist(prior, bins=bins, weights=shares, color=MUTED, alpha=0.35, label="all draws")
            weights = found.weights[row, known]
            own_shares = weights / max(float(weights.sum()), 1e-12)
            axis.hist(own[known], bins=bins, weights=own_shares, color=MODEL, alpha=0.6, label="nearest")
            axis.set_xscale(scale)
            axis.set_title(found.names[at], fontsize=8)
            axis.set_yticks([])
        for axis in list(axes.flat)[len(chosen) :]:
            axis.set_visible(False)
        axes.flat[0].legend(fontsize=7)
        drawn.suptitle(f"{name}: what the nearest draws have in common", fontsize=10)
    return drawn


def _bins(prior: NDArray[np.float64]) -> tuple[list[float], Literal["linear", "log"]]:
    """Edges of bins over nearly all values of a prior, and the scale on which they are even: what spans magnitudes."""
    low, high = (float(one) for one in np.quantile(prior, [0.005, 0.995]))
    if low > 0.0 and high > _MAGNITUDES * low:
        return np.geomspace(low, high, 25).tolist(), "log"
    return np.linspace(low, high if high > low else low + 1.0, 25).tolist(), "linear"


def _narrowed(found: Explanation, row: int, index: Index) -> Sequence[int]:
    """Quantities that most neighbours have and that are drawn within the prior's bins, the narrowest first."""
    shares = {}
    for at in range(len(found.names)):
        prior = np.asarray(index.quantities[:, at])
        prior = prior[np.isfinite(prior)]
        if found.presence[row, at] < 0.5 or not np.isfinite(found.spread[row, at]):
            continue
        low, high = np.quantile(prior, [0.005, 0.995])
        inside = found.quantities[row, :, at]
        inside = inside[np.isfinite(inside) & (found.weights[row] > 0)]
        if ((inside >= low) & (inside <= high)).any():
            shares[at] = float(found.spread[row, at])
    return sorted(shares, key=lambda at: shares[at])[:_CLOUDS]
