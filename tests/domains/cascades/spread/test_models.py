"""Cascades as simulators: sizes within bounds, draws that depend on themselves, graphs that come back from seeds."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.cascades.graphs.families import FAMILIES, random_graph
from sgnn.domains.cascades.spread.models import (
    Cascade,
    FaintCascade,
    HawkesCascade,
    IndependentCascade,
    SEIRCascade,
    SICascade,
    SIRCascade,
    ThresholdCascade,
)
from sgnn.simulation import Streams

MODELS = [SICascade, SIRCascade, SEIRCascade, IndependentCascade, FaintCascade, ThresholdCascade, HawkesCascade]


def simulated(model: Cascade, start: int, stop: int, **fixed: float):
    streams = Streams("cascades", np.arange(start, stop))
    theta = model.prior().replace(fixed).sample(streams)
    return theta, model.simulate(theta, streams.scoped(model.name))


@pytest.mark.parametrize("model", MODELS)
def test_nearly_all_draws_reach_as_many_as_asked_for(model: type[Cascade]) -> None:
    _, made = simulated(model(nodes=400, most=150), 0, 200)
    reached = made["reached"]
    assert (reached > 0).mean() > 0.9
    found = np.isfinite(made["infection_time"]).sum(axis=1)
    assert (found[reached > 0] == reached[reached > 0]).all()
    assert reached.max() <= 150
    assert reached[reached > 0].min() >= (1 if model is FaintCascade else 10)


@pytest.mark.parametrize("model", MODELS)
def test_a_draw_is_the_same_in_any_batch(model: type[Cascade]) -> None:
    _, whole = simulated(model(nodes=200), 0, 24)
    _, part = simulated(model(nodes=200), 7, 19)
    for name, values in part.items():
        assert values.tobytes() == whole[name][7:19].tobytes(), name


@pytest.mark.parametrize("model", MODELS)
def test_all_that_are_reached_hang_together_from_those_who_began(model: type[Cascade]) -> None:
    _, made = simulated(model(nodes=200), 0, 40)
    for row in np.flatnonzero(made["reached"] > 0):
        offsets, neighbours = random_graph(
            int(made["graph_family"][row]),
            int(made["graph_nodes"][row]),
            made["graph_degree"][row],
            made["graph_shape"][row],
            0,
            int(made["graph_seed"][row]),
        )
        times = made["infection_time"][row]
        origins = made["origin_nodes"][row, : made["origin_count"][row]]
        assert (times[origins] == 0.0).all()
        assert np.nanmax(times) <= made["age"][row]
        for node in np.flatnonzero(np.isfinite(times[: len(offsets) - 1])):
            if node not in origins:
                around = times[neighbours[offsets[node] : offsets[node + 1]]]
                assert np.nanmin(around) < times[node]


def test_no_family_of_the_tests_is_taught() -> None:
    theta = SICascade().prior().sample(Streams("x", np.arange(3000)))
    assert {FAMILIES[int(family)] for family in theta["family"]} == set(FAMILIES) - {"stochastic_block", "geometric"}


def test_every_node_is_as_likely_to_begin_before_it_is_known_how_far_it_goes() -> None:
    # on graphs where nothing is refused: faint cascades are kept from one node on
    _, made = simulated(FaintCascade(nodes=100), 0, 4000, nodes=100.0, family=1.0, origins=1.0)
    counts = np.bincount(made["origin_nodes"][:, 0], minlength=100)
    assert ((counts - 40.0) ** 2 / 40.0).sum() < 150.0


def test_recoveries_are_those_before_the_look() -> None:
    _, made = simulated(SIRCascade(nodes=200), 0, 60)
    over, begun = made["recovery_time"], made["infection_time"]
    known = np.isfinite(over)
    assert known.any()
    assert (over[known] > begun[known]).all()
    assert (over <= made["age"][:, None])[known].all()
