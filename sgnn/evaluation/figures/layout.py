"""Where nodes of a graph are drawn, and the ties between them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from sgnn.evaluation.figures.style import GRID


def draw_ties(axis: Axes, ties: NDArray[np.int64], nodes: int) -> NDArray[np.float64]:
    """Draw ``ties`` (tie, 2) between places (node, 2), which are given: what is tied is near, the same every time."""
    import networkx

    graph = networkx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(map(tuple, ties.tolist()))
    places = networkx.spring_layout(graph, seed=1, iterations=60)
    at = np.array([places[node] for node in range(nodes)]).reshape(nodes, 2)
    axis.set_axis_off()
    axis.add_collection(LineCollection([at[pair] for pair in ties], colors=GRID, linewidths=0.7, zorder=1))
    return at
