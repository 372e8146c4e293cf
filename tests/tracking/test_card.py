"""The model card says what is known and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from sgnn.corpus.assumptions import PriorLine
from sgnn.corpus.sections import Gate
from sgnn.tracking.card import CardFacts, model_card
from sgnn.tracking.gates import evaluate
from sgnn.tracking.lineage import Lineage


@pytest.fixture
def facts(lineage: Lineage, gates: tuple[Gate, ...], benchmark: Callable[..., dict[str, Any]]) -> CardFacts:
    """All that a card can say."""
    own = {"relative_mae": [0.55, 0.71], "coverage": {"90": [0.85, 0.94]}}
    intervals = {"methods": {"model": own, "last_value": {"relative_mae": None}}}
    results = {"real": {**benchmark(0.64), "intervals": intervals}}
    results["real"]["variants"]["alone"]["intervals"] = {"methods": {"model": {"relative_mae": [0.65, 0.83]}}}
    return CardFacts(
        name="covid",
        description="Weekly deaths from simulated epidemics.",
        lineage=lineage,
        counts={"asked": 50000, "ok": 49990, "failed": 3, "quarantined": 7},
        mechanisms={"sir": 0.25, "seir": 0.75},
        observation=("reporting ramp", "missing weeks"),
        priors=(PriorLine("beta", "0.2 to 0.4", "1/day", "transmission | contact", "Dudley 2025"),),
        training={"steps": 1200, "seconds": 480.5, "held_out_loss": 0.12345},
        benchmarks=results,
        gates=evaluate(gates, results),
    )


def test_a_card_shows_results_beside_baselines_with_intervals(facts: CardFacts) -> None:
    lines = model_card(facts).splitlines()
    assert "| **model** | 0.640 (0.550 to 0.710) | 0.590 | 0.900 (0.850 to 0.940) |" in lines
    assert "| model, alone | 0.740 (0.650 to 0.830) |  |  |" in lines
    assert "| last value | 1.000 | 1.000 | 0.500 |" in lines


def test_a_card_names_corpus_recipe_commit_and_uncommitted_changes(facts: CardFacts) -> None:
    card = model_card(facts)
    for digest in ("a1" * 16, "b2" * 16, "c3" * 16, "d4" * 20):
        assert digest in card
    assert "with uncommitted changes" in card
    assert "uncommitted" not in model_card(replace(facts, lineage=replace(facts.lineage, git_dirty=False)))


def test_every_table_of_a_card_is_well_formed(facts: CardFacts) -> None:
    html = MarkdownIt().enable("table").render(model_card(facts))
    assert html.count("<table>") == 7
    assert "transmission | contact" in html
    assert "| ---" not in html


def test_a_card_without_benchmarks_says_so_and_leaves_out_what_is_empty(lineage: Lineage) -> None:
    card = model_card(CardFacts("covid", "", lineage))
    assert "None was run" in card
    for heading in ("Priors", "Training", "Gates", "Mechanisms"):
        assert f"## {heading}" not in card
    assert "## Limits" in card
