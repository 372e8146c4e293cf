"""From recipe to trained network for draws that are no series: the core knows nothing of epidemics."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from sgnn.corpus.build import commit, make_block, prepare
from sgnn.corpus.reader import Corpus, open_corpus
from sgnn.corpus.recipe import load_recipe
from sgnn.errors import DataError
from sgnn.learning.job import TrainingResult
from sgnn.learning.model import Model, load_model
from sgnn.learning.process import start_training
from sgnn.learning.stream import CorpusStream
from sgnn.settings import Settings, load_settings


@dataclass(frozen=True)
class Trained:
    """A corpus, the network that it taught, and what is said of its training."""

    corpus: Corpus
    model: Model
    result: TrainingResult

    def held_out(self) -> dict[str, np.ndarray]:
        """The draws that training never saw."""
        variables = self.model.task.inputs(self.corpus.schema)
        return CorpusStream([(self.corpus, 1.0)], variables, 1, 0, "held_out").all()

    def loss(self) -> float:
        """Loss on the held-out draws."""
        batch = self.model.task.batch(self.held_out(), np.random.default_rng(0))
        with torch.inference_mode():
            return float(self.model.task.loss(self.model.network, batch))


def trained(name: str, settings: Settings, folder: Path) -> Trained:
    recipe = load_recipe(name)
    plan = prepare(recipe, settings)
    for block in plan.missing:
        make_block(plan.to_json(), block)
    status = commit(plan)
    assert (status.ok, status.failed, status.quarantined) == (recipe.corpus.draws, 0, 0)
    corpus = open_corpus(recipe.corpus.name, settings)
    result = start_training(recipe, corpus.store.root, folder)
    return Trained(corpus, load_model(result.model), result)


@pytest.fixture(scope="module")
def assays(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The strength of a substance from tables of 4 to 24 rows."""
    home = tmp_path_factory.mktemp("assays")
    return trained("assays", load_settings(home=home), home / "training")


@pytest.fixture(scope="module")
def rumours(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The source of a rumour on graphs of 10 to 24 nodes."""
    home = tmp_path_factory.mktemp("rumours")
    return trained("rumours", load_settings(home=home), home / "training")


def test_tables_of_varying_length_keep_their_length_and_are_padded(assays: Trained) -> None:
    draws = assays.held_out()
    there = ~np.isnan(draws["written"]).any(axis=2)
    np.testing.assert_array_equal(there.sum(axis=1), draws["rows"])
    np.testing.assert_array_equal(there, np.arange(there.shape[1]) < draws["rows"][:, None])
    assert len(set(draws["rows"].tolist())) > 15


def test_a_network_over_tables_learns_what_a_constant_cannot_say(assays: Trained) -> None:
    constant = float(assays.held_out()["log_strength"].var())
    untrained = assays.model.task.network(assays.corpus.schema)
    batch = assays.model.task.batch(assays.held_out(), np.random.default_rng(0))
    assert assays.loss() < 0.1 * constant
    assert float(assays.model.task.loss(untrained, batch).detach()) > 0.8 * constant


def test_padding_rows_do_not_reach_the_answer(assays: Trained) -> None:
    draws = assays.held_out()
    batch = assays.model.task.batch(draws, np.random.default_rng(0))
    other = {**draws, "written": np.where(np.isnan(draws["written"]), 7.0, draws["written"]).astype(np.float32)}
    changed = assays.model.task.batch(other, np.random.default_rng(0))
    network = assays.model.network
    torch.testing.assert_close(
        network(changed["table"], changed["there"]), network(batch["table"], batch["there"]), rtol=0, atol=0
    )


def test_graphs_differ_in_size_and_their_edges_end_at_nodes_that_exist(rumours: Trained) -> None:
    draws = rumours.held_out()
    assert len(set(draws["node_count"].tolist())) > 10
    for edges, count, nodes in zip(draws["edges"], draws["edge_count"], draws["node_count"], strict=True):
        assert edges[:count].max() < nodes
        assert not edges[count:].any()


def test_a_network_over_graphs_finds_the_source_better_than_a_guess_among_all_who_heard(rumours: Trained) -> None:
    draws = rumours.held_out()
    guess = float(np.log(draws["heard"].sum(axis=1)).mean())
    assert rumours.loss() < 0.85 * guess


def test_the_answer_does_not_depend_on_how_nodes_are_numbered(rumours: Trained) -> None:
    batch = rumours.model.task.batch(rumours.held_out(), np.random.default_rng(0))
    order = torch.randperm(batch["nodes"].shape[1], generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        straight = rumours.model.network(batch["nodes"], batch["friends"])
        shuffled = rumours.model.network(batch["nodes"][:, order], batch["friends"][:, order][:, :, order])
    torch.testing.assert_close(shuffled, straight[:, order], rtol=1e-4, atol=1e-4)


def test_examples_are_counted_as_draws_where_a_task_has_no_windows(assays: Trained) -> None:
    assert assays.result.windows == assays.result.steps * load_recipe("assays").training.batch_draws


def test_a_model_of_another_task_does_not_forecast(assays: Trained) -> None:
    import xarray as xr

    panel = xr.Dataset(
        {"value": (("series", "time"), np.ones((1, 20)))}, coords={"series": ["a"], "time": np.arange(20)}
    )
    with pytest.raises(DataError, match="does not forecast"):
        assays.model.predict(panel, [10], 2)
