"""The outcome of posteriors: saved and read again it is the same, and its tables tell its scores."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sgnn.evaluation.outcome import kind_of, load_outcome
from sgnn.evaluation.report.outcome_section import outcome_section, score_cards
from sgnn.evaluation.sources.outcome import SourceBenchmark
from sgnn.evaluation.sources.scores import collected, score_case
from sgnn.evaluation.tables import headline_table, tables


@pytest.fixture
def outcome() -> SourceBenchmark:
    """Twenty cases of five candidates, by a good method, chance and one that answers half of them."""
    hops = np.ones((5, 5)) - np.eye(5)
    good, even, half = [], [], []
    for row in range(20):
        truth = np.arange(5) == row % 5
        good.append(score_case(np.log(np.where(truth, 0.6, 0.1)), truth, hops))
        even.append(score_case(np.full(5, -np.log(5.0)), truth, hops))
        half.append(dict.fromkeys(good[0], np.nan) if row % 2 else even[-1])
    methods = {"model": collected(good), "closeness": collected(even), "dmp": collected(half)}
    return SourceBenchmark(
        "source-toy",
        "toy",
        methods,
        {"first": tuple(range(12))},
        ("dmp",),
        {"someone": 0.5},
        {"x": "y"},
        ("a note",),
        {"these": 0.25},
    )


def test_the_document_has_scores_baselines_and_groups(outcome: SourceBenchmark) -> None:
    document = json.loads(json.dumps(outcome.to_json(), allow_nan=False))
    assert kind_of(document) == "sources"
    assert document["scores"]["top1"] == 1.0
    assert document["baselines"]["closeness"]["top1"] == pytest.approx(0.2)
    assert document["informed"]["dmp"]["answers"] == 10
    assert document["groups"]["first"]["cases"] == 12
    assert document["intervals"]["differences"]["closeness"]["top1"] == [pytest.approx(0.8)] * 2
    # of the ten cases that it answered
    assert document["differences"]["dmp"]["top1"] == pytest.approx(0.8)


def test_it_is_read_as_it_was_written(outcome: SourceBenchmark, tmp_path: Path) -> None:
    again = load_outcome(outcome.save(tmp_path / "scored"))
    assert isinstance(again, SourceBenchmark)
    assert again.to_json() == outcome.to_json()


def test_tables_and_the_page_show_every_method(outcome: SourceBenchmark) -> None:
    document = outcome.to_json()
    text = headline_table(document).to_markdown()
    assert "**1.000**" in text
    assert "someone (published)" in text
    assert "nothing simulated looks like 25 % of: these" in text
    assert [title for title, _ in tables(document)][1:] == ["what the differences are worth", "group first"]
    section = outcome_section(outcome, document)
    assert section.title == "Benchmark source-toy"
    assert score_cards(document)[0].value == "100.0 %"
