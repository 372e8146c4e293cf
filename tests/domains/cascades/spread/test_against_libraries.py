"""Laws of spread held against NDlib and EoN."""

from __future__ import annotations

import math
from importlib import import_module

import networkx
import numpy as np
import pytest

from sgnn.domains.cascades.graphs.rows import rows_of
from sgnn.domains.cascades.spread.continuous import contagion
from sgnn.domains.cascades.spread.steps import independent_cascade, linear_threshold
from sgnn.simulation.random import open_stream

RUNS = 400
GRAPH = networkx.barabasi_albert_graph(60, 2, seed=3)
ROWS = rows_of(60, np.array(GRAPH.edges, np.int32))


def alike(ours: list[int], theirs: list[int]) -> bool:
    """Whether two sets of sizes have the same mean and the same share of cascades that go nowhere."""
    near = []
    for of in (np.asarray, lambda sizes: np.asarray(sizes) == 1):
        one, other = of(ours).astype(float), of(theirs).astype(float)
        error = math.sqrt(one.var() / len(one) + other.var() / len(other)) + 1e-9
        near.append(abs(one.mean() - other.mean()) < 4.0 * error)
    return all(near)


def ndlib_sizes(model, configuration, runs: int = RUNS) -> list[int]:
    """Nodes ever reached, run after run, from node 0."""
    sizes = []
    for run in range(runs):
        np.random.seed(run)  # noqa: NPY002 (theirs draw from it)
        made = model(GRAPH, seed=run)
        made.set_initial_status(configuration(run))
        # the first one only tells how it begins
        made.iteration()
        before: dict[int, int] = {}
        while before != made.status:
            before = dict(made.status)
            made.iteration()
        sizes.append(sum(value > 0 for value in made.status.values()))
    return sizes


def test_independent_cascades_reach_as_many_as_those_of_ndlib() -> None:
    epidemics = import_module("ndlib.models.epidemics")
    settings = import_module("ndlib.models.ModelConfig")

    def configuration(_: int):
        made = settings.Configuration()
        made.add_model_initial_configuration("Infected", [0])
        for edge in GRAPH.edges:
            made.add_edge_configuration("threshold", edge, 0.25)
        return made

    times, over = np.empty((2, 60))
    ours = [
        independent_cascade(*ROWS, np.array([0]), math.inf, 0.25, 0.0, 60, open_stream(3, run), times, over)
        for run in range(4 * RUNS)
    ]
    assert alike(ours, ndlib_sizes(epidemics.IndependentCascadesModel, configuration))


def test_thresholds_are_followed_as_far_as_in_ndlib() -> None:
    epidemics = import_module("ndlib.models.epidemics")
    settings = import_module("ndlib.models.ModelConfig")

    def configuration(run: int):
        made = settings.Configuration()
        made.add_model_initial_configuration("Infected", [0])
        for node, threshold in enumerate(np.random.default_rng(run).random(60)):
            made.add_node_configuration("threshold", node, float(threshold))
        return made

    times = np.empty(60)
    ours = [
        linear_threshold(*ROWS, np.array([0]), math.inf, 1.0, 60, open_stream(4, run), times) for run in range(4 * RUNS)
    ]
    assert alike(ours, ndlib_sizes(epidemics.ThresholdModel, configuration))


# it imports a part of SciPy by its old name
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("leaving", "horizon"), [(0.0, 1.5), (1.0, 50.0)])
def test_si_and_sir_infect_as_many_as_in_eon(leaving: float, horizon: float) -> None:
    eon = import_module("EoN")
    times, over = np.empty((2, 60))
    ours = [
        contagion(*ROWS, np.array([0]), horizon, 0.6, 0.0, 0.0, leaving, 60, open_stream(5, run), times, over)
        for run in range(4 * RUNS)
    ]
    theirs = []
    for run in range(RUNS):
        stream = np.random.default_rng(run)
        _, susceptible, *_ = eon.fast_SIR(GRAPH, 0.6, leaving, initial_infecteds=[0], tmax=horizon, rng=stream)
        theirs.append(60 - int(susceptible[-1]))
    assert alike(ours, theirs)
