"""Graphs side by side: one that was seen, and simulated ones with where they began."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgnn.evaluation.figures.layout import draw_ties
from sgnn.evaluation.figures.style import ACCENT, INK, MODEL, MUTED, figure, style
from sgnn.learning.portrait import Portrait

_COLUMNS = 3


def portraits_figure(portraits: Sequence[tuple[str, Portrait]], title: str) -> Figure:
    """Titled graphs, three in a line: reached nodes filled, others hollow, those who began larger."""
    lines = -(-len(portraits) // _COLUMNS)
    with style():
        drawn = figure(9.6, 3.2 * lines + 0.4)
        axes = drawn.subplots(lines, _COLUMNS, squeeze=False)
        for axis in axes.flat:
            axis.set_axis_off()
        for axis, (name, portrait) in zip(axes.flat, portraits, strict=False):
            _draw(axis, portrait)
            axis.set_title(name, fontsize=9, color=INK)
        drawn.suptitle(title, fontsize=10)
    return drawn


def _draw(axis: Axes, portrait: Portrait) -> None:
    nodes = len(portrait.reached)
    at = draw_ties(axis, portrait.ties, nodes)
    began = np.zeros(nodes, dtype=bool) if portrait.began is None else portrait.began
    reached = portrait.reached & ~began
    hollow = ~portrait.reached & ~began
    axis.scatter(at[hollow, 0], at[hollow, 1], s=14, c="white", edgecolors=MUTED, linewidths=0.7, zorder=2)
    axis.scatter(at[reached, 0], at[reached, 1], s=16, c=MODEL, linewidths=0, alpha=0.75, zorder=3)
    axis.scatter(at[began, 0], at[began, 1], s=90, c=ACCENT, edgecolors=INK, linewidths=0.8, zorder=4)
