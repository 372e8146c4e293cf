"""A graph with the probability of every node."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sgnn.evaluation.figures.style import ACCENT, GRID, INK, MUTED, figure, style

_NAMED = 10


def graph_figure(
    ties: NDArray[np.int64], probability: NDArray[np.float64], names: list[str], inside: NDArray[np.bool_]
) -> Figure:
    """Nodes (node,) as discs as large as they are probable, those of the credible set filled; the first ten named."""
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(range(len(names)))
    graph.add_edges_from(map(tuple, ties.tolist()))
    places = networkx.spring_layout(graph, seed=1, iterations=60)
    at = np.array([places[node] for node in range(len(names))])
    with style():
        drawn = figure(7.0, 6.0)
        axis = drawn.subplots()
        axis.set_axis_off()
        axis.add_collection(LineCollection([at[pair] for pair in ties], colors=GRID, linewidths=0.7, zorder=1))
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
