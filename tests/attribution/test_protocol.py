"""The protocol `attribution`: what is scored chooses nothing, and every rival answers the same questions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sgnn.attribution.build import build_index
from sgnn.attribution.drawn import at
from sgnn.attribution.protocol import MODEL, PRIOR, SUMMARIES, UNTRAINED, Attribution
from sgnn.attribution.rivals import BySummaries, untrained
from sgnn.evaluation.estimates.outcome import EstimateBenchmark
from sgnn.evaluation.outcome import load_outcome
from sgnn.evaluation.protocol import find_protocol
from sgnn.evaluation.report.outcome_section import outcome_section
from sgnn.evaluation.tables import tables
from tests.attribution.conftest import Seen


@pytest.fixture(scope="module")
def outcome(seen: Seen) -> EstimateBenchmark:
    """Of a forecaster that never learnt, on the few held-out draws of its corpus."""
    protocol = find_protocol("attribution").tiny()
    return protocol.run(seen.model, seen.settings, "untaught")  # type: ignore[return-value]


def test_every_way_to_see_draws_answers_the_same_questions(outcome: EstimateBenchmark) -> None:
    asked = outcome.estimates
    assert {MODEL, PRIOR, SUMMARIES, UNTRAINED} == set(asked.methods)
    assert len(asked.truth) == 6
    for answers in asked.methods.values():
        assert set(answers) == set(asked.truth)
        for quantiles in answers.values():
            known = np.isfinite(quantiles).all(axis=1)
            assert known.any()
            assert (np.diff(quantiles[known], axis=1) >= 0).all()
    for probabilities in asked.probabilities.values():
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)


def test_figures_are_those_of_the_scores_and_a_gate_can_name_them(outcome: EstimateBenchmark) -> None:
    from sgnn.tracking.gates import figure

    document = outcome.to_json()
    own = [one["scores"]["log_score"] for one in document["parameters"].values()]
    prior = [one["baselines"][PRIOR]["log_score"] for one in document["parameters"].values()]
    assert figure(document, "figures.gain_model") == pytest.approx(np.mean(own) - np.mean(prior))
    assert figure(document, "figures.recall") == 1.0
    assert "share_of_head" not in document["figures"]


def test_it_is_kept_and_shown_like_other_outcomes(outcome: EstimateBenchmark, tmp_path: Path) -> None:
    again = load_outcome(outcome.save(tmp_path / "kept"))
    assert json.dumps(again.to_json()) == json.dumps(outcome.to_json())
    document = outcome.to_json()
    titles = dict(tables(document))
    assert {row[0] for row in titles["log scores"].rows} >= {"this model", "ABC by summaries", "an untrained network"}
    assert "figures" in titles
    assert outcome_section(outcome, document).parts


def test_rivals_see_what_the_model_sees_and_know_nothing_of_its_weights(seen: Seen) -> None:
    one, other = untrained(seen.model), untrained(seen.model)
    assert one.digest == other.digest != seen.model.digest
    summaries = BySummaries(seen.model)
    shown = {name: np.full((2, 9), np.nan, dtype=np.float32) for name in summaries.task.seen}
    assert np.isfinite(summaries.embed_draws(shown)).all()


def test_the_draws_that_choose_are_not_those_that_are_scored(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    from sgnn.attribution import protocol

    asked: list[str] = []
    true_drawn = protocol.drawn

    def recorded(corpus: object, names: object, use: str, *more: object) -> object:
        asked.append(use)
        return true_drawn(corpus, names, use, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(protocol, "drawn", recorded)
    Attribution(draws=4, numbers=(10,)).run(seen.model, seen.settings)
    assert asked == ["reference", "test"]


def test_draws_that_nobody_can_ask_about_are_neither_indexed_nor_scored(seen: Seen) -> None:
    class Choosy(type(seen.model.task)):  # type: ignore[misc]
        def answerable(self, shown: dict[str, np.ndarray]) -> np.ndarray:
            return np.asarray(np.nan_to_num(shown["deaths"]).max(axis=1) > 300.0)

    task = Choosy(**seen.model.task.settings)
    asked = replace(seen.model, task=task)
    index = build_index(asked, seen.corpus)
    whole = set(seen.index.draws.tolist())
    assert 0 < len(index.draws) < len(whole)
    deaths = at(seen.corpus, index.draws.tolist(), ("deaths",))["deaths"]
    assert (np.nan_to_num(deaths).max(axis=1) > 300.0).all()
