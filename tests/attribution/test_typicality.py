"""Whether anything simulated looks like the data."""

from __future__ import annotations

import numpy as np

from sgnn.attribution.drawn import cut, drawn, gathered
from sgnn.attribution.explain import explain
from sgnn.attribution.search import make_search
from sgnn.attribution.space import Space
from sgnn.attribution.typicality import Typicality, distance
from sgnn.learning.summaries import SUMMARIES, summaries, two_sided
from tests.attribution.conftest import Seen

WHOLE = Space("whitened", np.zeros(4, dtype=np.float32), np.eye(4, dtype=np.float32))


def typicality(reference: int) -> Typicality:
    """Of a normal cloud in four dimensions."""
    chance = np.random.default_rng(0)
    cloud = chance.normal(size=(3000, 4)).astype(np.float32)
    sample = make_search(lambda: iter([cloud]), len(cloud), 4, cloud[:1])
    own = distance(WHOLE, sample, chance.normal(size=(reference, 4)).astype(np.float32))
    return Typicality(WHOLE, sample, np.sort(own))


def test_false_alarms_are_as_many_as_the_threshold_says() -> None:
    fresh = np.random.default_rng(7).normal(size=(4000, 4)).astype(np.float32)
    found = typicality(1000).p_value(fresh)
    for threshold in (0.05, 0.2):
        assert abs((found < threshold).mean() - threshold) < 0.025


def test_what_lies_far_from_all_draws_is_told_apart() -> None:
    far = np.full((3, 4), 5.0, dtype=np.float32)
    assert (typicality(500).p_value(far) < 0.01).all()


def test_no_p_value_is_smaller_than_so_few_draws_can_tell() -> None:
    assert typicality(19).p_value(np.full((1, 4), 99.0, dtype=np.float32)) == 1 / 20


def test_a_series_like_nothing_simulated_is_called_that(seen: Seen) -> None:
    test = cut(gathered(drawn(seen.corpus, seen.model.task.seen, "test")).arrays, seen.model.task.seen, None)
    found = explain(seen.model, seen.index, test, 10)
    assert found.typical.mean() > 0.7
    steps = test["deaths"].shape[1]
    jagged = np.where(np.arange(steps) % 2, 1e6, 0.0).astype(np.float32)[None]
    odd = explain(seen.model, seen.index, {"deaths": jagged, "admissions": jagged[:, ::-1]}, 10, threshold=0.09)
    assert not odd.typical[0]
    rough = odd.summaries.index("deaths roughness")
    assert odd.checks[0, rough] == 2 / (1 + len(seen.index.summaries))


def test_summaries_are_what_they_are_called() -> None:
    time = np.arange(11.0)
    grown = np.exp(0.3 * time) - 1.0
    grown[3] = np.nan
    names, found = summaries({"cases": np.stack([grown, np.zeros(11)])}, 2)
    assert names == tuple(f"cases {one}" for one in SUMMARIES)
    one = dict(zip(SUMMARIES, found[0], strict=True))
    assert one["observed"] == 10
    assert one["peak_time"] == 1.0
    np.testing.assert_allclose([one["early_growth"], one["late_growth"]], 0.3)
    assert one["zeros"] == 0.1
    np.testing.assert_allclose([one["largest_step"], one["calm"]], [0.3, 1.0])
    assert (one["turns"], dict(zip(SUMMARIES, found[1], strict=True))["rhythm"]) == (0.0, 0.0)
    assert dict(zip(SUMMARIES, found[1], strict=True))["zeros"] == 1.0


def test_what_goes_up_and_down_is_told_by_its_turns_and_its_rhythm() -> None:
    time = np.arange(60)
    threes = np.exp(np.where(time % 3 == 0, 3.0, 1.0)) - 1.0
    up_and_down = np.exp(np.where(time % 2 == 0, 3.0, 1.0)) - 1.0
    _, found = summaries({"cases": np.stack([threes, up_and_down])}, 2)
    told = [dict(zip(SUMMARIES, row, strict=True)) for row in found]
    assert told[1]["turns"] == 1.0
    np.testing.assert_allclose([told[0]["rhythm"], told[1]["reversal"]], [1.0, -1.0], atol=0.05)


def test_a_value_outside_all_simulated_ones_has_the_smallest_p_value() -> None:
    simulated = np.arange(99.0)[:, None]
    found = two_sided(np.array([[-5.0], [49.0], [500.0], [np.nan]]), simulated)[:, 0]
    np.testing.assert_allclose(found[[0, 2]], 0.02)
    assert found[1] == 1.0
    assert np.isnan(found[3])
