"""The snapshot: what is hidden is hidden alike from all, and with nothing hidden it is the part that was reached."""

from __future__ import annotations

import numpy as np

from sgnn.domains.cascades.graphs.families import random_graph
from sgnn.domains.cascades.observation import Snapshot
from sgnn.domains.cascades.spread.models import SICascade, SIRCascade
from sgnn.simulation import Component, DrawGenerator, Mixture, ObservationPipeline

CLEAR = {"masked_any": 0, "false_any": 0, "unknown_any": 0, "clock": 0, "shows_recovered": 0}


def drawn(number: int = 60, model=SICascade, room: int = 448, ties: int = 6144, **changes: float):
    simulator, operator = model(nodes=300, most=120), Snapshot(room=room, ties=ties)
    prior = operator.prior().replace({**CLEAR, **changes})
    generator = DrawGenerator(
        Mixture([Component(simulator, 1.0, simulator.prior())]), ObservationPipeline((operator,), (prior,)), "look"
    )
    draws = generator.draws(0, number)
    good = draws.status == 0
    assert good.mean() > 0.9
    return {name: values[good] for name, values in draws.arrays.items()}


def graph(made, row: int):
    return random_graph(
        int(made["graph_family"][row]),
        int(made["graph_nodes"][row]),
        made["graph_degree"][row],
        made["graph_shape"][row],
        0,
        int(made["graph_seed"][row]),
    )


def test_with_nothing_hidden_it_is_the_graph_of_those_reached() -> None:
    made = drawn()
    assert (made["seen_nodes"] == made["reached"]).all()
    assert (made["began"].sum(axis=1) == made["origin_count"]).all()
    for row in range(len(made["reached"])):
        offsets, neighbours = graph(made, row)
        who = np.flatnonzero(np.isfinite(made["infection_time"][row]))
        count = len(who)
        assert (made["known"][row, :count] == 1).all()
        assert (made["degree"][row, :count] == np.diff(offsets)[who]).all()
        slot = 0
        ties = set()
        for at in range(count):
            for _ in range(made["tie_counts"][row, at]):
                ties.add((int(who[at]), int(who[made["ties"][row, slot]])))
                slot += 1
        inside = set(who.tolist())
        expected = {(v, int(w)) for v in who for w in neighbours[offsets[v] : offsets[v + 1]] if w in inside and w > v}
        assert ties == expected
        assert slot == made["seen_ties"][row]
        around = np.array([sum((v, w) in ties or (w, v) in ties for w in who) for v in who])
        assert (made["unreached"][row, :count] == made["degree"][row, :count] - around).all()
        assert set(who[made["began"][row, :count] == 1]) == set(made["origin_nodes"][row, : made["origin_count"][row]])


def test_without_a_clock_no_time_is_told_and_with_one_the_start_is_on_it() -> None:
    assert np.isnan(drawn(20)["time"]).all()
    assert np.isnan(drawn(20)["start"]).all()
    relative = drawn(20, clock=1, told_share=1.0, noise=0.0)
    assert np.allclose(np.nanmin(relative["time"], axis=1), 0.0)
    assert (relative["start"] <= 1e-6).all()
    absolute = drawn(20, clock=2, told_share=1.0, noise=0.0)
    assert (absolute["start"] == 0.0).all()
    for row in range(len(absolute["reached"])):
        truth = absolute["infection_time"][row]
        told = absolute["time"][row, : absolute["seen_nodes"][row]]
        np.testing.assert_array_equal(told, truth[np.isfinite(truth)])


def test_noise_has_the_size_that_was_asked_for_and_a_share_is_told() -> None:
    made = drawn(200, clock=2, told_share=0.3, noise=0.3)
    errors, told = [], []
    for row in range(len(made["reached"])):
        truth = made["infection_time"][row]
        truth = truth[np.isfinite(truth)]
        seen = made["time"][row, : len(truth)]
        told.append(np.isfinite(seen).mean())
        errors += ((seen - truth) / truth.std())[np.isfinite(seen)].tolist()
    assert abs(np.mean(told) - 0.3) < 0.03
    assert abs(np.std(errors) - 0.3) < 0.02


def test_masks_hide_reached_and_unreached_alike() -> None:
    made = drawn(200, masked_any=1, masked_share=0.3)
    shares = []
    for row in range(len(made["reached"])):
        known = made["known"][row, : made["seen_nodes"][row]]
        assert set(known.tolist()) <= {1, 2}
        reached = made["reached"][row]
        shares.append(1.0 - (known == 1).sum() / reached)
    assert abs(np.mean(shares) - 0.3) < 0.03
    hidden = (made["began"].astype(bool) & (made["known"] == 2)).sum() / made["origin_count"].sum()
    assert 0.22 < hidden < 0.33


def test_fewer_are_masked_where_there_is_no_room_for_all() -> None:
    made = drawn(100, room=130, masked_any=1, masked_share=0.4)
    assert made["seen_nodes"].max() <= 130


def test_false_reports_are_of_nodes_that_were_not_reached() -> None:
    made = drawn(200, false_any=1, false_share=0.1)
    assert (made["reports"] >= made["reached"]).all()
    more = (made["reports"] - made["reached"]).sum() / made["reached"].sum()
    assert 0.07 < more < 0.13


def test_unknown_ties_are_missing_from_both_ends() -> None:
    whole, made = drawn(200), drawn(200, unknown_any=1, unknown_share=0.25)
    assert (made["seen_nodes"] == whole["seen_nodes"]).all()
    assert abs(made["degree"].sum() / whole["degree"].sum() - 0.75) < 0.02
    assert (made["degree"].sum(axis=1) == 2 * made["seen_ties"] + made["unreached"].sum(axis=1)).all()


def test_recovery_shows_only_where_it_is_to_be_seen() -> None:
    assert 3 not in drawn(60, model=SIRCascade)["known"]
    made = drawn(60, model=SIRCascade, shows_recovered=1)
    assert ((made["known"] == 3).sum(axis=1) == np.isfinite(made["recovery_time"]).sum(axis=1)).all()


def test_what_is_hidden_by_masks_alone_is_to_be_trusted() -> None:
    assert (drawn(40, masked_any=1, masked_share=0.3)["trusted"] == 1).all()
    assert (drawn(40, false_any=1, false_share=0.1)["trusted"] == 0).all()
    assert (drawn(40, unknown_any=1, unknown_share=0.1)["trusted"] == 0).all()
