"""Nobody is made or lost in any step of any epidemic: the compartments of the kernel, moved one step at a time."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics import kernel
from sgnn.domains.epidemics.mechanisms import Composite
from sgnn.simulation import Streams
from sgnn.simulation.random import open_stream

DRAWS = 120


@pytest.fixture(scope="module")
def records() -> np.ndarray:
    """Parameters of whole epidemics, as the kernel takes them."""
    streams = Streams("conservation", np.arange(DRAWS))
    composite = Composite(weeks=1)
    return composite.records(composite.prior().sample(streams), DRAWS)


def begun(p: np.void, draw: int) -> tuple[np.ndarray, np.ndarray]:
    stream, people = open_stream(np.uint64(1), draw), np.zeros((kernel.PATCHES, 2 + 3 * kernel.STRAINS), dtype=np.int64)
    kernel._begin(p, stream, people)
    return people, stream


def test_an_epidemic_begins_with_exactly_its_population(records: np.ndarray) -> None:
    for draw in range(DRAWS):
        people, _ = begun(records[draw], draw)
        assert people.sum() == int(records[draw]["population"])
        assert people.min() >= 0
        assert people[:, 2:].sum() >= 1


def test_every_step_moves_people_and_neither_makes_nor_loses_any(records: np.ndarray) -> None:
    moved = 0
    for draw in range(DRAWS):
        p = records[draw]
        people, stream = begun(p, draw)
        total, onsets = people.sum(axis=1), np.zeros(kernel.STRAINS)
        factors, escape, severity = (np.empty(kernel.STRAINS) for _ in range(3))
        kernel._strains(p, factors, escape, severity)
        force = np.empty((kernel.PATCHES, kernel.STRAINS))
        for step in range(40):
            if step in (5, 15):
                kernel._arrive(people, step // 5 % 3, 30, p, stream, onsets)
            before = people.copy()
            kernel._forces(people, p, 0.9, 5.0, factors, stream, force)
            for patch in range(kernel.PATCHES):
                kernel._progress(people, patch, p, 1.0, stream, onsets)
                kernel._transmit(people, patch, p, force, escape, stream, onsets)
                kernel._immunity(people, patch, 0.02, 0.05, stream)
            assert people.min() >= 0
            np.testing.assert_array_equal(people.sum(axis=1), total)
            moved += not np.array_equal(people, before)
    assert moved > 30 * DRAWS


def test_infections_are_those_who_left_the_susceptible(records: np.ndarray) -> None:
    for draw in range(DRAWS):
        p = records[draw]
        people, stream = begun(p, draw)
        onsets, force = np.zeros(kernel.STRAINS), np.zeros((kernel.PATCHES, kernel.STRAINS))
        force[0] = (0.05, 0.02, 0.0)
        susceptible = people[0, 0]
        infected = kernel._transmit(people, 0, p, force, np.zeros(kernel.STRAINS), stream, onsets)
        assert infected == susceptible - people[0, 0]
