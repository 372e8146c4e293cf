"""Observation stages: composed in order, recorded by label, and never able to hand on clean data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation import (
    Dimension,
    DrawGenerator,
    ObservationOperator,
    ObservationPipeline,
    Outputs,
    Prior,
    Streams,
    Theta,
    Variable,
)
from sgnn.simulation.generator import FAILED


class Plain(ObservationOperator):
    """A stage without parameters that does what it is told."""

    name = "toy.plain"
    version = "1"

    def __init__(self, variable: str, action: Any, dims: tuple[Dimension, ...] = ()) -> None:
        super().__init__(variable)
        self.action, self.dims = action, dims

    def prior(self) -> Prior:
        return Prior({})

    def dimensions(self, known: Mapping[str, Dimension]) -> tuple[Dimension, ...]:
        return self.dims

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        return (Variable(self.variable, ("day",), np.float64, "atoms", "observable"),)

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        answer: Outputs = self.action(data)
        return answer


def generator_of(atoms: Any, *stages: ObservationOperator) -> DrawGenerator:
    return DrawGenerator(atoms.of(atoms.Decay()), ObservationPipeline(stages), "corpus")


def test_stages_are_joined_with_a_bar_in_their_order(atoms: Any) -> None:
    pipeline = atoms.Detector("seen") | atoms.Dead("seen")
    longer = pipeline | atoms.Dead("seen", label="again") | (atoms.Detector("other") | atoms.Dead("other"))
    assert [stage.label for stage in longer.operators] == [
        "detector_seen",
        "dead_seen",
        "again",
        "detector_other",
        "dead_other",
    ]
    assert longer.prior().names == (
        "detector_seen.share",
        "dead_seen.limit",
        "again.limit",
        "detector_other.share",
        "dead_other.limit",
    )


def test_a_stage_sees_what_the_stage_before_it_made(atoms: Any) -> None:
    before = generator_of(atoms, atoms.Detector("seen")).draws(0, 50)
    after = generator_of(atoms, atoms.Detector("seen"), atoms.Dead("seen")).draws(0, 50)
    limit = np.floor(after.theta[:, -1:])
    np.testing.assert_array_equal(after.arrays["seen"], np.minimum(before.arrays["seen"], limit))
    assert (before.arrays["seen"] <= before.arrays["left"]).all()
    assert (before.arrays["seen"] > limit).any()


def test_the_simulated_stays_beside_the_observed(atoms: Any) -> None:
    bare = generator_of(atoms).draws(0, 9)
    seen = generator_of(atoms, atoms.Detector("seen")).draws(0, 9)
    np.testing.assert_array_equal(seen.arrays["left"], bare.arrays["left"])


def test_a_stage_changes_no_other_stage_by_being_added(atoms: Any) -> None:
    alone = generator_of(atoms, atoms.Detector("seen")).draws(0, 9).arrays
    both = generator_of(atoms, atoms.Detector("other"), atoms.Detector("seen")).draws(0, 9).arrays
    np.testing.assert_array_equal(both["seen"], alone["seen"])


def test_two_stages_alike_err_independently(atoms: Any) -> None:
    stages = (atoms.Detector("one"), atoms.Detector("other"))
    half = tuple(stage.prior().replace({"share": 0.5}) for stage in stages)
    arrays = DrawGenerator(atoms.of(atoms.Decay()), ObservationPipeline(stages, half), "corpus").draws(0, 400).arrays
    plenty = arrays["left"] > 20
    spread = np.sqrt(arrays["left"][plenty] * 0.25)
    errors = [(arrays[name][plenty] - 0.5 * arrays["left"][plenty]) / spread for name in ("one", "other")]
    assert abs(np.corrcoef(errors)[0, 1]) < 0.15


def test_two_stages_of_one_label_are_refused(atoms: Any) -> None:
    with pytest.raises(RecipeError, match="'dead_seen' is there twice"):
        atoms.Detector("seen") | atoms.Dead("seen") | atoms.Dead("seen")


def test_a_stage_without_its_variable_is_refused(atoms: Any) -> None:
    with pytest.raises(RecipeError, match=r"'dead_seen' observes 'seen', which neither .* there are: left, activity"):
        generator_of(atoms, atoms.Dead("seen"))


def test_a_stage_that_would_overwrite_the_simulator_is_refused(atoms: Any) -> None:
    with pytest.raises(RecipeError, match="'dead_left' would overwrite the simulator's 'left'"):
        generator_of(atoms, atoms.Dead("left"))


def test_a_dimension_of_another_length_is_refused(atoms: Any) -> None:
    with pytest.raises(RecipeError, match=f"'plain_seen': 'day' has 9 steps, the simulator's has {atoms.DAYS}"):
        generator_of(atoms, Plain("seen", dict, (Dimension("day", 9),)))


def overwriting(data: Mapping[str, NDArray[Any]]) -> Outputs:
    return {"left": data["left"] * 2, "seen": data["left"] * 1.0}


def in_place(data: Mapping[str, NDArray[Any]]) -> Outputs:
    data["left"][:] = 0
    return {"seen": data["left"] * 1.0}


def nothing(_data: Mapping[str, NDArray[Any]]) -> Outputs:
    return {}


def lost(data: Mapping[str, NDArray[Any]]) -> Outputs:
    return {"seen": data["lost"]}


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (overwriting, "'plain_seen' overwrote 'left'"),
        (in_place, "read-only"),
        (nothing, "'plain_seen' gave nothing"),
        (lost, "KeyError: 'lost'"),
    ],
)
def test_a_stage_that_misbehaves_fails_its_draws_and_hands_no_clean_data_on(
    action: Any, reason: str, atoms: Any
) -> None:
    draws = generator_of(atoms, Plain("seen", action)).draws(0, 6)
    assert (draws.status == FAILED).all()
    assert all(reason in said for said in draws.errors.values())
    assert np.isnan(draws.arrays["seen"]).all()
    assert not draws.arrays["left"].any()


def test_a_stage_that_gives_what_it_did_not_declare_is_refused(atoms: Any) -> None:
    with pytest.raises(RecipeError, match="the observation gave the undeclared variable 'more'"):
        generator_of(atoms, Plain("seen", lambda data: {"seen": data["left"] * 1.0, "more": data["left"]})).draws(0, 2)


def test_a_changed_prior_of_a_stage_is_the_one_drawn_from(atoms: Any) -> None:
    stage = atoms.Detector("seen")
    pipeline = ObservationPipeline((stage,), (stage.prior().replace({"share": 0.5}),))
    draws = DrawGenerator(atoms.of(atoms.Decay()), pipeline, "corpus").draws(0, 5)
    assert set(draws.theta[:, -1].tolist()) == {0.5}
