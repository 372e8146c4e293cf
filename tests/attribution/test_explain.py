"""The nearest draws, their provenance and what they say."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.attribution.drawn import at, cut, drawn, gathered, quantities
from sgnn.attribution.explain import LEVELS, as_seen, explain, hidden_series
from sgnn.attribution.kept import index_folder, kept_index
from sgnn.errors import DataError
from tests.attribution.conftest import Seen


def test_a_draw_of_the_index_is_its_own_nearest_with_its_own_parameters(seen: Seen) -> None:
    wanted = np.asarray(seen.index.draws)[[3, 100, 333]]
    names = (*seen.model.task.seen, "theta", "mechanism")
    stored = at(seen.corpus, wanted.tolist(), names)
    found = explain(seen.model, seen.index, cut(stored, seen.model.task.seen, None), 5)
    np.testing.assert_array_equal(found.draws[:, 0], wanted)
    np.testing.assert_allclose(found.distance[:, 0], 0.0, atol=2e-3)
    assert (np.diff(found.distance, axis=1) >= 0).all()
    np.testing.assert_array_equal(found.mechanism[:, 0], stored["mechanism"])
    np.testing.assert_array_equal(found.quantities[:, 0], quantities(stored, seen.corpus.schema))


def test_no_draw_that_judges_or_tests_is_in_the_index(seen: Seen) -> None:
    others = [gathered(drawn(seen.corpus, ("theta",), use)).draws for use in ("reference", "test")]
    assert all(len(draws) for draws in others)
    assert not np.isin(np.concatenate(others), seen.index.draws).any()
    assert not np.isin(*others).any()
    assert len(seen.index.draws) + sum(map(len, others)) == seen.corpus.status.ok


def test_what_neighbours_say_is_ordered_and_adds_up(seen: Seen) -> None:
    test = gathered(drawn(seen.corpus, seen.model.task.seen, "test"))
    found = explain(seen.model, seen.index, cut(test.arrays, seen.model.task.seen, None), 20)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(found.probability.sum(axis=1), 1.0)
    assert ((found.effective >= 1.0) & (found.effective <= 20.0 + 1e-9)).all()
    known = np.isfinite(found.quantiles).all(axis=2)
    assert (np.diff(found.quantiles[known], axis=1) >= 0).all()
    np.testing.assert_array_equal(known, found.presence > 0)
    assert found.quantiles.shape[1:] == (len(found.names), len(LEVELS))


def test_an_index_is_read_again_and_says_the_same(seen: Seen) -> None:
    shown = cut(at(seen.corpus, [19, 59], seen.model.task.seen), seen.model.task.seen, None)
    folder = index_folder(seen.model, seen.corpus, None, seen.settings)
    before = (folder / "index.json").stat().st_mtime_ns
    again = kept_index(seen.model, seen.corpus, None, seen.settings)
    assert (folder / "index.json").stat().st_mtime_ns == before
    one, other = explain(seen.model, seen.index, shown, 10), explain(seen.model, again, shown, 10)
    np.testing.assert_array_equal(one.draws, other.draws)
    np.testing.assert_array_equal(one.typicality, other.typicality)


def test_an_index_of_other_weights_or_another_length_is_another(seen: Seen) -> None:
    from dataclasses import replace

    network = seen.model.task.network(seen.corpus.schema).eval()
    other = replace(seen.model, network=network)
    folders = {
        index_folder(model, seen.corpus, length, seen.settings)
        for model in (seen.model, other)
        for length in (None, 30)
    }
    assert len(folders) == 4


def test_series_without_a_covariate_are_held_against_draws_without_it(seen: Seen) -> None:
    names = seen.model.task.seen
    query = cut(at(seen.corpus, [40], names), names, None, ("admissions",))
    assert hidden_series(seen.model, query) == ("admissions",)
    assert hidden_series(seen.model, at(seen.corpus, [40], names)) == ()
    index = kept_index(seen.model, seen.corpus, None, seen.settings, hidden=("admissions",))
    found = explain(seen.model, index, query, 3)
    assert found.draws[0, 0] == 40
    assert found.distance[0, 0] == pytest.approx(0.0, abs=2e-3)
    assert explain(seen.model, seen.index, query, 3).distance[0, 0] > 0.01
    assert kept_index(seen.model, seen.corpus, None, seen.settings, hidden=("admissions",)).about == index.about


def test_short_series_are_held_against_draws_cut_as_short(seen: Seen) -> None:
    short = cut(at(seen.corpus, [40], seen.model.task.seen), seen.model.task.seen, 30)
    shown, length, note = as_seen(seen.model, short)
    assert (length, note) == (30, "")
    index = kept_index(seen.model, seen.corpus, length, seen.settings)
    found = explain(seen.model, index, shown, 3)
    assert found.draws[0, 0] == 40
    assert found.distance[0, 0] == pytest.approx(0.0, abs=2e-3)


def test_long_series_keep_their_last_steps_and_it_is_said(seen: Seen) -> None:
    steps = seen.corpus.schema.dimension(seen.corpus.schema.variable("deaths").dims[0]).size
    long = {name: np.arange(steps + 5, dtype=np.float32)[None] for name in seen.model.task.seen}
    shown, length, note = as_seen(seen.model, long)
    assert length is None
    assert shown["deaths"][0, 0] == 5
    assert f"last {steps} of {steps + 5} steps" in note


def test_more_neighbours_than_draws_are_refused(seen: Seen) -> None:
    shown = cut(at(seen.corpus, [19], seen.model.task.seen), seen.model.task.seen, None)
    with pytest.raises(DataError, match="9999 neighbours asked for"):
        explain(seen.model, seen.index, shown, 9999)


def test_the_corpus_is_still_whole_with_an_index_beside_it(seen: Seen) -> None:
    from sgnn.corpus.reader import open_corpus

    again = open_corpus(seen.corpus.name, seen.settings)
    again.require_files()
    assert again.content_digest == seen.corpus.content_digest
