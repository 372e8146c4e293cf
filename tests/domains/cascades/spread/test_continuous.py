"""Spread in continuous time: on lines, stars and large graphs it has the laws known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgnn.domains.cascades.graphs.families import matched
from sgnn.domains.cascades.graphs.rows import rows_of
from sgnn.domains.cascades.spread.continuous import contagion, excitation
from sgnn.simulation.random import open_stream

LINE = rows_of(6, np.array([[at, at + 1] for at in range(5)], dtype=np.int32))
STAR = rows_of(41, np.array([[0, leaf] for leaf in range(1, 41)], dtype=np.int32))


def infections(rows, runs: int, horizon: float = math.inf, rate=0.5, variation=0.0, latency=0.0, recovery=0.0, key=1):
    """Infection and recovery times (run, node), from node 0."""
    offsets, neighbours = rows
    made = np.empty((2, runs, len(offsets) - 1))
    for run in range(runs):
        contagion(
            offsets,
            neighbours,
            np.array([0], dtype=np.int32),
            horizon,
            rate,
            variation,
            latency,
            recovery,
            10**9,
            open_stream(key, run),
            made[0, run],
            made[1, run],
        )
    return made


def test_on_a_line_times_are_sums_of_exponential_ones() -> None:
    times = infections(LINE, 4000)[0]
    steps = np.diff(times, axis=1)
    assert steps.mean(axis=0) == pytest.approx(np.full(5, 2.0), rel=0.08)
    assert steps.var(axis=0) == pytest.approx(np.full(5, 4.0), rel=0.2)
    assert abs(np.corrcoef(steps.T)[np.triu_indices(5, 1)]).max() < 0.06


def test_around_a_hub_the_infected_are_binomial() -> None:
    times = infections(STAR, 3000, horizon=1.5)[0]
    reached = np.isfinite(times[:, 1:]).sum(axis=1)
    p = 1.0 - math.exp(-0.5 * 1.5)
    assert reached.mean() == pytest.approx(40 * p, rel=0.02)
    assert reached.var() == pytest.approx(40 * p * (1 - p), rel=0.12)


def test_ties_that_differ_have_the_law_of_their_gamma_mixture() -> None:
    # over Gamma rates of coefficient of variation c, no transmission by t has probability (1 + c² r t)^(-1 / c²)
    times = infections(STAR, 3000, horizon=1.5, variation=1.0)[0]
    assert np.isfinite(times[:, 1:]).mean() == pytest.approx(1.0 - 1.0 / (1.0 + 0.5 * 1.5), rel=0.02)


def test_a_tie_transmits_before_recovery_with_the_ratio_of_rates() -> None:
    times, over = infections(STAR, 3000, recovery=1.5)
    assert np.isfinite(times[:, 1:]).mean() == pytest.approx(0.5 / 2.0, rel=0.03)
    assert over[:, 0].mean() == pytest.approx(1.0 / 1.5, rel=0.06)


def test_latency_comes_before_transmission_and_changes_no_final_size() -> None:
    times, over = infections(STAR, 3000, recovery=1.5, latency=0.2)
    reached = np.isfinite(times[:, 1:])
    assert reached.mean() == pytest.approx(0.25, rel=0.03)
    assert times[:, 1:][reached].mean() == pytest.approx(1.0 / 0.2 + 1.0 / 2.0, rel=0.1)
    assert over[:, 0].mean() == pytest.approx(1.0 / 0.2 + 1.0 / 1.5, rel=0.1)


def test_the_final_size_on_a_regular_random_graph_is_that_of_percolation() -> None:
    # Newman (2002): u = 1 - T + T u^(d - 1), size 1 - u^d, with T the chance that a tie transmits
    nodes, degree, chance = 4000, 5, 0.45
    rows = rows_of(nodes, matched(np.full(nodes, degree), open_stream(3, 0)))
    sizes = np.isfinite(infections(rows, 60, rate=chance, recovery=1.0 - chance)[0]).mean(axis=1)
    u = 0.5
    for _ in range(200):
        u = 1.0 - chance + chance * u ** (degree - 1)
    assert sizes[sizes > 0.1].mean() == pytest.approx(1.0 - u**degree, abs=0.01)


def test_it_ends_when_more_are_infected_than_asked_for() -> None:
    offsets, neighbours = STAR
    infection, recovery = np.empty((2, 41))
    origin = np.array([0], dtype=np.int32)
    count = contagion(
        offsets, neighbours, origin, math.inf, 1.0, 0.0, 0.0, 0.0, 5, open_stream(1, 1), infection, recovery
    )
    assert count == 6 == np.isfinite(infection).sum()


def test_a_neighbour_has_an_event_unless_none_of_its_poisson_number_comes() -> None:
    rows = rows_of(21, np.array([[0, leaf] for leaf in range(1, 21)], dtype=np.int32))
    infection = np.empty((1500, 21))
    for run in range(1500):
        # so short a time that the answers of the leaves come too late
        excitation(*rows, np.array([0], dtype=np.int32), 1e-3, 1e3, 0.02, 10**6, open_stream(2, run), infection[run])
    direct = np.isfinite(infection[:, 1:]).mean()
    assert direct == pytest.approx(1.0 - math.exp(-0.02 * (1.0 - math.exp(-1.0))), rel=0.12)


def test_events_on_a_tie_die_out_below_one_and_the_first_one_counts() -> None:
    rows = rows_of(2, np.array([[0, 1]], dtype=np.int32))
    infection = np.empty((4000, 2))
    for run in range(4000):
        excitation(*rows, np.array([0], dtype=np.int32), math.inf, 2.0, 0.4, 1000, open_stream(3, run), infection[run])
    # the other node is reached by children of the origin first: not unless the Poisson number is above 0
    assert np.isfinite(infection[:, 1]).mean() == pytest.approx(1.0 - math.exp(-0.4), rel=0.06)
    assert (infection[:, 0] == 0.0).all()
