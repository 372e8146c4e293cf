"""Whether data look like what taught a model: false alarms, what is found out, and what is kept."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.learning.domain import NOTHING, Domain, Judgement, View, cloud, domain_of_tensors


def points(number: int, seed: int) -> np.ndarray:
    """Correlated points in six dimensions, one of which is always the same."""
    chance = np.random.default_rng(seed)
    values = chance.normal(size=(number, 3)) @ chance.normal(size=(3, 6)) + 0.3 * chance.normal(size=(number, 6))
    values[:, 5] = 7.0
    return values


def halves(seed: int = 0, apart: int = 1000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points of one distribution: those that teach, those kept apart, and fresh ones."""
    every = points(1500 + apart + 2000, seed)
    return every[:1500], every[1500 : 1500 + apart], every[1500 + apart :]


def test_false_alarms_are_no_more_than_the_threshold_says() -> None:
    taught, apart, fresh = halves()
    found = cloud(taught, apart).p_value(fresh)
    for threshold in (0.01, 0.05, 0.2):
        assert (found < threshold).mean() == pytest.approx(threshold, abs=0.025)


def test_what_is_far_off_in_a_direction_that_hardly_varies_is_found_out() -> None:
    taught, apart, fresh = halves()
    direction = np.linalg.svd(taught[:, :5] - taught[:, :5].mean(axis=0), full_matrices=False)[2][-1]
    fresh[:, :5] += 4.0 * direction
    assert (cloud(taught, apart).p_value(fresh) < 0.05).mean() > 0.9


def test_what_lies_a_little_apart_from_a_dense_crowd_is_found_out_by_local_distances() -> None:
    chance = np.random.default_rng(0)

    def mixed(number: int) -> np.ndarray:
        crowd = 0.02 * chance.normal(size=(number, 3))
        return np.where(chance.random((number, 1)) < 0.5, crowd, chance.normal(size=(number, 3)))

    taught, apart = mixed(1500), mixed(1000)
    queries = 0.12 * np.sign(chance.normal(size=(100, 3)))
    assert (cloud(taught, apart).p_value(queries) < 0.05).mean() < 0.1
    local = cloud(taught, apart, local=True)
    assert (local.p_value(queries) < 0.05).mean() > 0.9
    assert (local.p_value(mixed(2000)) < 0.05).mean() == pytest.approx(0.05, abs=0.025)


def test_no_p_value_is_smaller_than_so_few_draws_can_tell() -> None:
    taught, apart, _ = halves(apart=19)
    assert cloud(taught, apart).p_value(np.full((1, 6), 1e6)) == 1 / 20


def test_a_value_that_is_missing_is_taken_for_the_mean() -> None:
    taught, apart, fresh = halves()
    taught[::3, 0] = np.nan
    fresh[0, 0] = np.nan
    assert np.isfinite(cloud(taught, apart).p_value(fresh)).all()


def test_a_domain_reads_as_it_was_kept_and_judges_the_same() -> None:
    taught, apart, fresh = halves()
    made = cloud(taught, apart)
    domain = Domain((View(0, 10, False, made, None), View(10, 30, False, made, made), View(10, 30, True, made, None)))
    again = domain_of_tensors(domain.tensors())
    assert [(one.above, one.upto, one.alone) for one in again.views] == [
        (0, 10, False),
        (10, 30, False),
        (10, 30, True),
    ]
    assert again.views[0].summaries is None
    summaries = again.views[1].summaries
    assert summaries is not None
    np.testing.assert_array_equal(summaries.p_value(fresh), made.p_value(fresh))


@pytest.mark.parametrize(
    ("steps", "alone", "expected"),
    [(10, False, (0, 10, False)), (11, False, (10, 30, False)), (99, True, (10, 30, True)), (3, True, (10, 30, True))],
)
def test_data_are_judged_beside_draws_as_long_and_as_much_alone(
    steps: int, alone: bool, expected: tuple[int, int, bool]
) -> None:
    made = cloud(*halves()[:2])
    domain = Domain(tuple(View(*one, made, None) for one in [(0, 10, False), (10, 30, False), (10, 30, True)]))
    view = domain.view(steps, alone)
    assert (view.above, view.upto, view.alone) == expected


def test_an_answer_below_the_threshold_says_so_and_one_not_judged_says_nothing() -> None:
    judgement = Judgement(np.array([0.04, 0.5, np.nan]), np.array([0.02, 0.5, np.nan]), np.full(3, np.nan), 1000)
    assert judgement.messages() == [NOTHING, "", ""]
    told = judgement.to_json(0)
    assert (told["typicality"], told["message"]) == (0.04, NOTHING)
    assert told["prior_predictive_p_value"] is None
    assert judgement.to_json(2)["typicality"] is None
