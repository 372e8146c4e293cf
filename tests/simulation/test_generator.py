"""Draws: the same whatever the batch, and each with its verdict; none vanishes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sgnn.errors import RecipeError
from sgnn.simulation import DrawGenerator, Draws, Mixture, Outputs
from sgnn.simulation.generator import FAILED, OK, QUARANTINED

WHOLE = 40


def same(part: Draws, whole: Draws, rows: slice) -> None:
    assert set(part.arrays) == set(whole.arrays)
    for name, values in whole.arrays.items():
        np.testing.assert_array_equal(part.arrays[name], values[rows])
    for name in ("theta", "mechanism", "status"):
        np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[rows])


def of_decay(draws: Draws, fewest: int = 3) -> list[int]:
    """Some draws that the first mechanism made, two of them neighbours in its batch."""
    return [int(draw) for draw in np.flatnonzero(draws.mechanism == 0)[1 : 1 + fewest]]


def test_draws_hold_every_variable_parameter_and_mechanism(atoms: Any) -> None:
    generator = atoms.generator()
    draws = generator.draws(0, WHOLE)
    assert set(draws.arrays) == {"left", "activity", "seen"}
    names = [parameter.name for parameter in generator.schema.parameters]
    assert names == ["start", "rate", "gain", "detector_seen.share", "dead_seen.limit"]
    assert generator.schema.mechanisms == ("atoms.decay", "atoms.growth")
    assert draws.arrays["seen"].shape == (WHOLE, atoms.DAYS)
    assert draws.arrays["activity"].dtype == np.float32
    assert set(draws.mechanism.tolist()) == {0, 1}
    assert not draws.status.any()
    assert not draws.errors
    assert draws.seconds_kernel > 0.0


def test_what_a_mechanism_lacks_is_nan_and_no_reason_for_quarantine(atoms: Any) -> None:
    generator = atoms.generator()
    draws = generator.draws(0, WHOLE)
    columns = [parameter.name for parameter in generator.schema.parameters]
    decay = draws.mechanism == 0
    np.testing.assert_array_equal(np.isnan(draws.theta[:, columns.index("rate")]), ~decay)
    np.testing.assert_array_equal(np.isnan(draws.theta[:, columns.index("gain")]), decay)
    np.testing.assert_array_equal(np.isnan(draws.arrays["activity"]).all(axis=1), ~decay)
    assert np.isfinite(draws.theta[:, columns.index("start")]).all()
    assert not draws.status.any()


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, WHOLE - 1), max_size=6, unique=True))
def test_a_draw_is_the_same_at_any_batch_size(atoms: Any, cuts: list[int]) -> None:
    generator: DrawGenerator = atoms.generator()
    whole = generator.draws(0, WHOLE)
    for start, stop in pairwise([0, *sorted(cuts), WHOLE]):
        same(generator.draws(start, stop), whole, slice(start, stop))


def test_another_corpus_has_other_draws(atoms: Any) -> None:
    one = atoms.generator()
    other = DrawGenerator(one.mixture, one.pipeline, "another corpus")
    assert not np.array_equal(other.draws(0, 5).theta, one.draws(0, 5).theta, equal_nan=True)


def raising(bad: list[int]) -> Any:
    def spoil(_outputs: Outputs, draws: NDArray[np.int64]) -> None:
        if np.isin(draws, bad).any():
            raise ArithmeticError("it diverged")

    return spoil


@pytest.mark.parametrize("where", ["simulator", "operator"])
def test_only_the_draws_that_raise_fail_and_keep_the_reason(where: str, atoms: Any) -> None:
    clean = atoms.generator().draws(0, WHOLE)
    bad = of_decay(clean)
    if where == "simulator":
        generator = atoms.generator(decay=atoms.Decay(raising(bad)))
    else:
        generator = atoms.generator(detector=atoms.Detector("seen", spoil=raising(bad)))
    draws = generator.draws(0, WHOLE)
    assert np.flatnonzero(draws.status == FAILED).tolist() == bad
    assert dict(draws.errors) == dict.fromkeys(bad, "ArithmeticError: it diverged")
    good = draws.status == OK
    assert good.sum() == WHOLE - len(bad)
    for name, values in clean.arrays.items():
        np.testing.assert_array_equal(draws.arrays[name][good], values[good])
    # their parameters stay, for an audit; what they would have given does not
    np.testing.assert_array_equal(draws.theta, clean.theta)
    assert np.isnan(draws.arrays["seen"][~good]).all()
    assert not draws.arrays["left"][~good].any()


def test_a_failing_draw_fails_in_every_batch_under_its_own_number(atoms: Any) -> None:
    bad = of_decay(atoms.generator().draws(0, WHOLE))
    generator = atoms.generator(decay=atoms.Decay(raising(bad)))
    whole = generator.draws(0, WHOLE)
    for start, stop in ((0, bad[0] + 1), (bad[1], bad[1] + 1), (bad[1], WHOLE)):
        part = generator.draws(start, stop)
        same(part, whole, slice(start, stop))
        assert part.errors == {draw: reason for draw, reason in whole.errors.items() if start <= draw < stop}


def setting(variable: str, value: float, bad: list[int]) -> Any:
    def spoil(outputs: Outputs, draws: NDArray[np.int64]) -> None:
        outputs[variable][np.isin(draws, bad), 2] = value

    return spoil


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("activity", np.nan, "'activity' is nan, not a finite number"),
        ("activity", -np.inf, "'activity' is -inf, not a finite number"),
        ("left", 1001, "'left' is 1001, outside [0, 1000]"),
        ("seen", -4.0, "'seen' is -4.0, outside [0, 1e+06]"),
        ("seen", np.nan, "'seen' is nan, not a finite number"),
    ],
)
def test_a_value_that_cannot_be_quarantines_its_draw_alone(
    variable: str, value: float, reason: str, atoms: Any
) -> None:
    clean = atoms.generator().draws(0, WHOLE)
    bad = of_decay(clean)
    spoil = setting(variable, value, bad)
    if variable == "seen":
        generator = atoms.generator(detector=atoms.Detector("seen", spoil=spoil))
    else:
        generator = atoms.generator(decay=atoms.Decay(spoil))
    draws = generator.draws(0, WHOLE)
    assert np.flatnonzero(draws.status == QUARANTINED).tolist() == bad
    assert dict(draws.errors) == dict.fromkeys(bad, reason)
    good = draws.status == OK
    np.testing.assert_array_equal(draws.arrays["seen"][good], clean.arrays["seen"][good])


def test_an_undefined_rate_fails_its_draw_and_does_not_hang(atoms: Any) -> None:
    class Undefined(atoms.Decay):  # type: ignore[misc]
        def simulate(self, theta: Any, streams: Any) -> Outputs:
            start = np.where(np.isin(streams.draws, bad), np.nan, theta["start"])
            made: Outputs = super().simulate({**theta, "start": start}, streams)
            return made

    bad = of_decay(atoms.generator().draws(0, WHOLE))
    draws = atoms.generator(decay=Undefined()).draws(0, WHOLE)
    assert np.flatnonzero(draws.status == FAILED).tolist() == bad
    assert set(draws.errors.values()) == {"ValueError: poisson: the mean is too large or not a number"}


def reshaped(outputs: Outputs, _draws: NDArray[np.int64]) -> None:
    outputs["left"] = outputs["left"][:, :-1]


def left_out(outputs: Outputs, _draws: NDArray[np.int64]) -> None:
    del outputs["activity"]


def added(outputs: Outputs, _draws: NDArray[np.int64]) -> None:
    outputs["extra"] = outputs["left"]


def fractional(outputs: Outputs, _draws: NDArray[np.int64]) -> None:
    outputs["left"] = outputs["left"] + 0.5


def listed(outputs: Outputs, _draws: NDArray[np.int64]) -> None:
    outputs["left"] = outputs["left"].tolist()  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (reshaped, r"simulator 'atoms.decay' gave 'left' with shape \(5, 5\), declared is \(5, 6\)"),
        (left_out, r"simulator 'atoms.decay' did not give variable 'activity'"),
        (added, r"simulator 'atoms.decay' gave the undeclared variable 'extra'"),
        (fractional, r"simulator 'atoms.decay' gave 'left' as float64, declared is int64"),
        (listed, r"simulator 'atoms.decay' gave 'left' as list, declared is an array \(5, 6\)"),
    ],
)
def test_a_simulator_that_breaks_its_declaration_is_named_with_what_was_expected(
    spoil: Any, said: str, atoms: Any
) -> None:
    decay = atoms.Decay(spoil)
    with pytest.raises(RecipeError, match=said):
        DrawGenerator(atoms.of(decay), atoms.generator().pipeline, "corpus").draws(0, 5)


def test_a_whole_number_that_does_not_fit_its_type_fails_its_draw(atoms: Any) -> None:
    class Narrow(atoms.Decay):  # type: ignore[misc]
        def variables(self) -> Any:
            left, activity = super().variables()
            return replace(left, dtype="int8", valid_range=(-np.inf, np.inf)), activity

    draws = DrawGenerator(atoms.of(Narrow(setting("left", 300, [1, 4]))), None, "corpus").draws(0, 6)
    assert draws.status.tolist() == [OK, FAILED, OK, OK, FAILED, OK]
    assert set(draws.errors.values()) == {"ValueError: 'left' is 300, which does not fit int8"}


def test_a_simulator_cannot_change_the_parameters_that_are_recorded(atoms: Any) -> None:
    class Meddling(atoms.Decay):  # type: ignore[misc]
        def simulate(self, theta: Any, streams: Any) -> Outputs:
            theta["rate"][:] = 0.0
            made: Outputs = super().simulate(theta, streams)
            return made

    draws = DrawGenerator(atoms.of(Meddling()), None, "corpus").draws(0, 3)
    assert (draws.status == FAILED).all()
    assert "read-only" in draws.errors[0]


def test_a_mechanism_may_be_observed_in_its_own_way_and_the_others_are_as_they_were(atoms: Any) -> None:
    plain, mixture = atoms.generator(), atoms.generator().mixture
    blind = replace(mixture.components[0], observation={"detector_seen.share": 0.5})
    changed = DrawGenerator(Mixture([blind, mixture.components[1]]), plain.pipeline, plain.corpus_key)
    one, other = changed.draws(0, WHOLE), plain.draws(0, WHOLE)
    share = [parameter.name for parameter in changed.schema.parameters].index("detector_seen.share")
    first = one.mechanism == 0
    assert (one.theta[first, share] == 0.5).all()
    np.testing.assert_array_equal(one.theta[~first], other.theta[~first])
    np.testing.assert_array_equal(one.arrays["seen"][~first], other.arrays["seen"][~first])
    assert not np.array_equal(one.arrays["seen"][first], other.arrays["seen"][first])


def test_a_change_to_what_the_observation_does_not_have_is_refused(atoms: Any) -> None:
    plain = atoms.generator()
    components = [replace(one, observation={"camera.share": 0.5}) for one in plain.mixture.components]
    with pytest.raises(RecipeError, match=r"atoms.decay.*no parameter 'camera.share'"):
        DrawGenerator(Mixture(components), plain.pipeline, plain.corpus_key)
