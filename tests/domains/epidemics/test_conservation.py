"""Nobody is made or lost in any step of any epidemic: the compartments of the kernel, moved one step at a time."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics import compartments
from sgnn.domains.epidemics.compartments import COMPARTMENTS, PATCHES, STRAINS, Place
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


def begun(p: np.void, draw: int) -> tuple[Place, np.ndarray]:
    stream, people = open_stream(np.uint64(1), draw), np.zeros((PATCHES, COMPARTMENTS), dtype=np.int64)
    sizes = people[: compartments.begin(p, stream, people)].sum(axis=1)
    strains = np.empty((3, STRAINS))
    compartments.describe_strains(p, *strains)
    return Place(people, sizes, *strains, np.zeros((PATCHES, STRAINS)), np.zeros(STRAINS)), stream


def test_an_epidemic_begins_with_exactly_its_population(records: np.ndarray) -> None:
    for draw in range(DRAWS):
        people = begun(records[draw], draw)[0].people
        assert people.sum() == int(records[draw]["population"])
        assert people.min() >= 0
        assert people[:, 2:].sum() >= 1


def test_patches_without_people_are_left_out(records: np.ndarray) -> None:
    for draw in range(DRAWS):
        place, _ = begun(records[draw], draw)
        assert len(place.sizes) == (2 if records[draw]["second_patch_share"] > 0 else 1)
        assert place.people[len(place.sizes) :].sum() == 0


def test_every_step_moves_people_and_neither_makes_nor_loses_any(records: np.ndarray) -> None:
    moved = 0
    for draw in range(DRAWS):
        p = records[draw]
        place, stream = begun(p, draw)
        people, total, step = place.people, place.people.sum(axis=1), compartments.step_of(p, 1.0)
        for at in range(40):
            if at in (5, 15):
                compartments.arrive(place, at // 5 % 3, 30, step, stream)
            before = people.copy()
            compartments.fill_forces(place, STRAINS, step, 0.9, stream)
            for patch in range(len(place.sizes)):
                compartments.progress(place, patch, STRAINS, step, stream)
                compartments.transmit(place, patch, STRAINS, step, stream)
                compartments.change_immunity(place, patch, 0.02, 0.05, stream)
            assert people.min() >= 0
            np.testing.assert_array_equal(people.sum(axis=1), total)
            moved += not np.array_equal(people, before)
    assert moved > 30 * DRAWS


def test_infections_are_those_who_left_the_susceptible(records: np.ndarray) -> None:
    for draw in range(DRAWS):
        p = records[draw]
        place, stream = begun(p, draw)
        place.force[0] = (0.05, 0.02, 0.0)
        place.escape[:] = 0.0
        susceptible = place.people[0, 0]
        infected = compartments.transmit(place, 0, STRAINS, compartments.step_of(p, 1.0), stream)
        assert infected == susceptible - place.people[0, 0]
