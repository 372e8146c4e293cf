"""The task: any number of graphs in one batch, no leak between them, equivariant, and it learns."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from sgnn.domains.cascades.observation import Snapshot
from sgnn.domains.cascades.source.inputs import SEEN
from sgnn.domains.cascades.source.posterior import source_posterior
from sgnn.domains.cascades.source.task import UNTOLD, SourceTask, start_in_units
from sgnn.domains.cascades.spread.models import FaintCascade, SICascade, SIRCascade
from sgnn.errors import DataError, RecipeError
from sgnn.learning.model import Model
from sgnn.simulation import Component, DrawGenerator, Mixture, ObservationPipeline


@pytest.fixture(scope="module")
def generator() -> DrawGenerator:
    """Small cascades by three mechanisms."""
    made = [one(nodes=150, most=60) for one in (SICascade, SIRCascade, FaintCascade)]
    return DrawGenerator(
        Mixture([Component(one, 1.0, one.prior()) for one in made]),
        ObservationPipeline((Snapshot(room=96, ties=900),)),
        "task",
    )


@pytest.fixture(scope="module")
def draws(generator: DrawGenerator):
    """Usable draws."""
    made = generator.draws(0, 160)
    good = made.status == 0
    return {name: values[good] for name, values in made.arrays.items()} | {"mechanism": made.mechanism[good]}


@pytest.fixture(scope="module")
def task() -> SourceTask:
    """A small one."""
    return SourceTask(width=16, rounds=2)


@pytest.fixture(scope="module")
def network(task: SourceTask, generator: DrawGenerator):
    """Fresh weights, with rounds that do something."""
    torch.manual_seed(0)
    made = task.network(generator.schema)
    with torch.no_grad():
        for one in made.rounds:
            torch.nn.init.normal_(one.leave.weight, std=0.1)
    return made.eval()


def part(draws, rows):
    return {name: values[rows] for name, values in draws.items()}


def posterior(task, network, draws):
    none = np.full(len(draws["known"]), UNTOLD)
    with torch.inference_mode():
        return network(task.snapshot_batch(draws, none, np.zeros_like(none), none))


def test_a_snapshot_has_the_same_answer_in_any_batch(task, network, draws) -> None:
    whole = posterior(task, network, part(draws, slice(0, 12)))
    ends = np.concatenate([[0], np.cumsum(draws["seen_nodes"][:12].astype(int))])
    for row in (0, 5, 11):
        alone = posterior(task, network, part(draws, slice(row, row + 1)))
        torch.testing.assert_close(alone["node"], whole["node"][ends[row] : ends[row + 1]], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(alone["embedding"][0], whole["embedding"][row], atol=1e-5, rtol=1e-4)


def test_probabilities_of_each_snapshot_add_up_to_one(task, network, draws) -> None:
    answer = posterior(task, network, part(draws, slice(0, 20)))
    owner = np.repeat(np.arange(20), draws["seen_nodes"][:20].astype(int))
    sums = np.bincount(owner, weights=answer["node"].exp().numpy(), minlength=20)
    np.testing.assert_allclose(sums[draws["seen_nodes"][:20] > 0], 1.0, rtol=1e-5)
    np.testing.assert_allclose(answer["origins"].exp().sum(1), 1.0, rtol=1e-5)
    assert (answer["start"].diff(dim=1) >= 0).all()


def test_padding_is_not_looked_at(task, network, draws) -> None:
    some = part(draws, slice(0, 8))
    other = dict(some)
    for name in ("known", "degree", "unreached", "tie_counts", "time"):
        filler = np.arange(some[name].shape[1]) >= some["seen_nodes"][:, None]
        other[name] = np.where(filler, some[name].dtype.type(7), some[name])
    torch.testing.assert_close(posterior(task, network, some)["node"], posterior(task, network, other)["node"])


def test_the_order_of_nodes_changes_nothing(task, network, draws) -> None:
    row = int(np.argmax(draws["seen_nodes"] >= 20))
    none = np.array([UNTOLD])
    batch = task.snapshot_batch(part(draws, slice(row, row + 1)), none, np.zeros_like(none), none)
    size = len(batch["owner"])
    order = np.random.default_rng(1).permutation(size)
    place = np.argsort(order)
    offsets, neighbours = batch["offsets"].numpy(), batch["neighbours"].numpy()
    rows = [np.sort(place[neighbours[offsets[node] : offsets[node + 1]]]) for node in order]
    ends = np.concatenate([[0], np.cumsum([len(one) for one in rows])])
    moved = batch | {
        "nodes": batch["nodes"][order],
        "offsets": torch.from_numpy(ends.astype(np.int32)),
        "neighbours": torch.from_numpy(np.concatenate(rows).astype(np.int32)),
    }
    with torch.inference_mode():
        found, expected = network(moved), network(batch)
    torch.testing.assert_close(found["node"], expected["node"][order], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(found["embedding"], expected["embedding"], atol=1e-5, rtol=1e-4)


def test_the_loss_is_the_mean_log_score_of_those_who_began(task, network, draws) -> None:
    some = part(draws, slice(0, 30))
    batch = task.batch(some, np.random.default_rng(0))
    assert task.windows(batch) == (some["began"].sum(axis=1) > 0).sum()
    assert batch["share"].sum() == pytest.approx(task.windows(batch))
    loss = task.loss(network, batch)
    answers = network(batch)
    nodes = -(answers["node"] * batch["share"]).sum() / task.windows(batch)
    assert loss.item() > nodes.item() > 0.0


def test_it_learns_to_do_better_than_chance(generator, task, draws) -> None:
    torch.manual_seed(1)
    made = task.network(generator.schema)
    optimiser = torch.optim.AdamW(made.parameters(), lr=5e-3)
    chance = np.random.default_rng(0)
    losses = []
    for step in range(60):
        rows = np.arange(step * 40, step * 40 + 40) % len(draws["known"])
        loss = task.loss(made, task.batch(part(draws, rows), chance))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert np.mean(losses[-8:]) < np.mean(losses[:3]) - 0.3


def test_what_is_told_of_the_mechanism_reaches_the_answer(task, network, draws, generator) -> None:
    model = Model(task, network, generator.schema, {})
    some = {name: draws[name][:6] for name in SEEN}
    untold = source_posterior(model, some)
    told = source_posterior(model, some, "cascades.sir", alike=True)
    assert any(not np.allclose(one, other) for one, other in zip(untold.nodes, told.nodes, strict=True))
    assert untold.mechanisms.shape == (6, 3)
    with pytest.raises(DataError, match="has not learnt"):
        source_posterior(model, some, "cascades.nothing")


def test_whether_ties_and_reports_are_right_reaches_the_answer(task, network, draws, generator) -> None:
    model = Model(task, network, generator.schema, {})
    some = {name: draws[name][:6] for name in SEEN}
    answers = [source_posterior(model, some, trusted=told) for told in (None, False, True)]
    for one, other in itertools.combinations(answers, 2):
        assert not np.allclose(one.origins, other.origins)


def test_embeddings_are_one_a_snapshot_and_finite(task, network, draws, generator) -> None:
    model = Model(task, network, generator.schema, {})
    found = model.embed_draws({name: draws[name][:25] for name in task.seen})
    assert found.shape == (25, 16)
    assert np.isfinite(found).all()


def test_the_start_is_counted_in_deviations_of_the_times_told() -> None:
    made = {"time": np.array([[1.0, 3.0, np.nan], [np.nan] * 3]), "start": np.array([-2.0, np.nan])}
    np.testing.assert_allclose(start_in_units(made), [-3.0, np.nan])


def test_a_corpus_without_snapshots_is_refused(task, generator) -> None:
    with pytest.raises(RecipeError, match="needs 'seen_nodes'"):
        task.inputs(generator.schema.with_variables(()))


def test_settings_that_make_no_network_are_refused() -> None:
    with pytest.raises(ValueError, match="rounds 0"):
        SourceTask(rounds=0)
    assert SourceTask(**SourceTask(width=8, rounds=1).settings).settings == SourceTask(width=8, rounds=1).settings
