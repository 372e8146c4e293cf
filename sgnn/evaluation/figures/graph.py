"""A graph with the probability of every node."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sgnn.evaluation.figures.layout import draw_ties
from sgnn.evaluation.figures.style import ACCENT, INK, MUTED, figure, style

_NAMED = 10


def graph_figure(
    ties: NDArray[np.int64], probability: NDArray[np.float64], names: list[str], inside: NDArray[np.bool_]
) -> Figure:
    """Nodes (node,) as discs as large as they are probable, those of the credible set filled; the first ten named."""
    with style():
        drawn = figure(7.0, 6.0)
        axis = drawn.subplots()
        at = draw_ties(axis, ties, len(names))
        size = 14.0 + 500.0 * probability / max(probability.max(), 1e-12)
        axis.scatter(
            at[~inside, 0], at[~inside, 1], s=size[~inside], c="white", edgecolors=MUTED, linewidths=0.8, zorder=2
        )
        axis.scatter(
            at[inside, 0], at[inside, 1], s=size[inside], c=ACCENT, edgecolors=INK, linewidths=0.8, alpha=0.85, zorder=3
        )
        for node in np.argsort(-probability)[:_NAMED]:
            axis.annotate(names[node], at[node], xytext=(4, 4), textcoords="offset points", fontsize=8, color=INK)
        axis.set_title(f"who began: {int(inside.sum())} of {len(names)} candidates in the credible set")
    return drawn
