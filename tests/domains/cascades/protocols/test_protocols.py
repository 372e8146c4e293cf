"""The protocols: what they ask is what they say, and all of them score any model that names sources."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from sgnn.domains.cascades.data import read_cascades
from sgnn.domains.cascades.graphs.families import FAMILIES
from sgnn.domains.cascades.graphs.host import read_host
from sgnn.domains.cascades.observation.kernel import NONE, RELATIVE
from sgnn.domains.cascades.protocols import (
    SourceExact,
    SourceHard,
    SourceHardLarge,
    SourceHardTimes,
    SourceNumber,
    SourcePublished,
)
from sgnn.domains.cascades.protocols.number import by_parts, told_shares
from sgnn.domains.cascades.protocols.published import hand_rule, published_draws
from sgnn.domains.cascades.protocols.real import real_snapshot, stacked, touching
from sgnn.domains.cascades.snapshots import single_snapshots
from sgnn.domains.cascades.source.posterior import source_posterior
from sgnn.domains.cascades.source.task import SourceTask
from sgnn.domains.cascades.spread.models import SICascade
from sgnn.errors import DataError
from sgnn.learning.model import Model
from sgnn.settings import Settings
from sgnn.simulation import Component, DrawGenerator, Mixture


@pytest.fixture(scope="module")
def model() -> Model:
    """An untrained one."""
    torch.manual_seed(0)
    simulator, task = SICascade(), SourceTask(width=8, rounds=1)
    schema = DrawGenerator(Mixture([Component(simulator, 1.0, simulator.prior())]), None, "x").schema
    return Model(task, task.network(schema).eval(), schema, {})


@pytest.mark.parametrize(
    "protocol", [SourceHard, SourceHardLarge, SourceHardTimes, SourceNumber, SourcePublished, SourceExact]
)
def test_a_tiny_run_scores_the_model_beside_every_baseline(protocol, model: Model, tmp_path: Path) -> None:
    document = protocol().tiny().run(model, Settings(home=tmp_path)).to_json()
    json.dumps(document, allow_nan=False)
    assert 0.0 <= document["scores"]["top1"] <= 1.0
    names = set(document["baselines"])
    if protocol is SourceExact:
        assert {"exact", "chance"} <= names
    elif protocol is SourceNumber:
        assert {"parts", "chance"} <= names
        assert document["baselines"]["chance"]["top1"] == pytest.approx(1 / 3)
    else:
        assert {"earliest", "degree", "closeness", "jordan", "rumor_centrality", "netsleuth"} <= names
    if protocol is SourceHard:
        assert {"dmp", "soft_margin"} <= names
        assert document["baselines"]["closeness"]["top1"] > 0.0


def test_no_case_of_the_hard_protocol_is_of_a_family_that_is_taught() -> None:
    draws = SourceHard().draws("geometric", "", 5_000, 20)
    assert set(draws["graph_family"].tolist()) == {FAMILIES.index("geometric")}
    assert draws["reached"].min() >= 10
    assert np.isnan(draws["time"]).all()
    assert (draws["began"].sum(axis=1) == 1).all()
    times = SourceHardTimes().draws("geometric", "", 5_000, 20)
    assert (draws["graph_seed"] == times["graph_seed"]).all()
    assert np.isfinite(times["time"]).any()
    assert SourceHardLarge().draws("geometric", "", 5_000, 20)["reached"].min() >= 40


def test_the_published_setting_is_mostly_single_nodes_and_hides_a_fifth() -> None:
    draws = published_draws(0, 600)
    hidden = (draws["began"].any(axis=1) == 0) | ((draws["began"] * (draws["known"] == 2)).sum(axis=1) > 0)
    assert hidden.mean() == pytest.approx(0.2, abs=0.05)
    assert 0.5 < (draws["reached"] == 1).mean() < 0.75


def test_the_hand_rule_names_time_zero_or_a_masked_node_next_to_time_one() -> None:
    right, asked = 0, 0
    for seen in single_snapshots(published_draws(0, 300)):
        if not seen.nodes:
            continue
        scores = hand_rule(seen)
        if (seen.time == 0.0).any():
            assert seen.began[scores.argmax()]
        elif seen.began.any():
            best = np.flatnonzero(scores == scores.max())
            right += seen.began[best].mean()
            asked += 1
    assert right / asked > 0.2


def test_a_real_cascade_is_seen_as_simulated_ones_are(model: Model, tmp_path: Path) -> None:
    graph, threads = tmp_path / "graph.txt", tmp_path / "test.txt"
    graph.write_text("# ties\n1 2\n2 3\n3 4\n4 5\n5 1\n2 2\n")
    threads.write_text("2 3 10.0 4 20.0\n1 5 4.0\n")
    host, cascades = read_host(str(graph)), read_cascades(threads)
    assert host.nodes == 5
    assert host.dropped == 1
    assert cascades[0].names == ("2", "3", "4")
    assert touching(host, cascades) == pytest.approx(2 / 3)
    hidden = stacked([real_snapshot(host, one, NONE) for one in cascades])
    assert hidden["seen_nodes"].tolist() == [3, 2]
    assert hidden["seen_ties"].tolist() == [2, 1]
    assert np.isnan(hidden["time"][0]).all()
    assert hidden["began"].tolist() == [[1, 0, 0], [1, 0, 0]]
    told = stacked([real_snapshot(host, one, RELATIVE) for one in cascades])
    assert told["time"][0].tolist() == [0.0, 10.0, 20.0]
    assert [len(one) for one in source_posterior(model, told).nodes] == [3, 2]


def test_files_that_are_not_lists_are_refused_with_their_line(tmp_path: Path) -> None:
    graph = tmp_path / "graph.txt"
    graph.write_text("1 2\n1 2 3\n")
    with pytest.raises(DataError, match="line 2: 3 words"):
        read_host(str(graph))
    threads = tmp_path / "threads.txt"
    threads.write_text("1 2 3.0\n1 2\n")
    with pytest.raises(DataError, match="line 2"):
        read_cascades(threads)


def test_the_number_is_judged_under_shares_that_are_told() -> None:
    as_taught = np.array([[0.88, 0.08, 0.04], [0.44, 0.04, 0.52]])
    found = told_shares(as_taught)
    np.testing.assert_allclose(found[0], 1 / 3)
    np.testing.assert_allclose(found[1], [0.5 / 14, 0.5 / 14, 13 / 14])


def test_parts_tell_as_much_of_the_number_as_they_did_in_other_cases() -> None:
    protocol = SourceNumber()
    before, draws = (protocol.draws("geometric", "", first, 300) for first in (5_000, 9_000))
    number = draws["origin_count"].astype(int)
    assert np.bincount(number, minlength=4)[1:].min() > 60
    found = by_parts(before, draws)
    np.testing.assert_allclose(found.sum(axis=1), 1.0)
    truth = found[np.arange(300), number - 1]
    assert np.log(truth).mean() > np.log(1 / 3)
