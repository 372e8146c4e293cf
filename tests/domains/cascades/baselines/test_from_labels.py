"""A network that is taught by labels alone: it learns what they tell, and only that."""

from __future__ import annotations

import numpy as np
import torch

from sgnn.domains.cascades.baselines.from_labels import network_of_labels, posterior_of
from sgnn.domains.cascades.graphs.rows import rows_of
from sgnn.domains.cascades.observation.given import given_snapshot
from sgnn.domains.cascades.observation.kernel import NONE, REPORTED
from sgnn.domains.cascades.protocols.real import stacked


def stars(number: int, seed: int):
    """Snapshots of a star and a chain, where the middle of the star began."""
    chance, found = np.random.default_rng(seed), []
    for _ in range(number):
        leaves = int(chance.integers(4, 9))
        order = chance.permutation(leaves + 4)
        ties = [(0, leaf) for leaf in range(1, leaves + 1)] + [(at, at + 1) for at in range(leaves, leaves + 3)]
        rows = rows_of(len(order), order[np.array(ties)].astype(np.int32))
        draws, who = given_snapshot(rows, np.full(len(order), REPORTED, np.int8), np.full(len(order), np.nan), NONE)
        found.append({**draws, "began": (who == order[0]).astype(np.int8)[None]})
    return stacked(found)


def test_it_learns_what_labels_tell_and_is_the_same_every_time() -> None:
    draws, apart, fresh = stars(120, 0), stars(40, 1), stars(40, 2)
    before = torch.get_rng_state()
    network = network_of_labels(draws, apart, epochs=15)
    assert torch.equal(torch.get_rng_state(), before)
    found = posterior_of(network, fresh)
    right = [bool(began[: len(one)][one.argmax()]) for one, began in zip(found, fresh["began"], strict=True)]
    assert np.mean(right) > 0.9
    again = posterior_of(network_of_labels(draws, apart, epochs=15), fresh)
    np.testing.assert_array_equal(found[3], again[3])


def test_of_several_epochs_it_keeps_the_one_that_does_best_elsewhere() -> None:
    draws, apart = stars(60, 0), stars(20, 1)
    # labels by lot teach nothing: what is learnt of them does worse elsewhere
    chance = np.random.default_rng(3)
    for row, nodes in enumerate(draws["seen_nodes"]):
        draws["began"][row] = 0
        draws["began"][row, chance.integers(nodes)] = 1
    scores = []
    for epochs in (1, 12):
        found = posterior_of(network_of_labels(draws, apart, epochs=epochs, patience=epochs), apart)
        pairs = zip(found, apart["began"], strict=True)
        scores.append(np.mean([one[began[: len(one)] > 0][0] for one, began in pairs]))
    assert scores[1] >= scores[0] - 1e-6
