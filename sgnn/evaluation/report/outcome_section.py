"""What the page says of an outcome, by its kind."""

from __future__ import annotations

from sgnn.evaluation.benchmark import Benchmark
from sgnn.evaluation.estimates.outcome import EstimateBenchmark
from sgnn.evaluation.outcome import ESTIMATES, SOURCES, Outcome, kind_of
from sgnn.evaluation.report.benchmark_section import benchmark_section, forecast_cards
from sgnn.evaluation.report.blocks import Card, Section
from sgnn.evaluation.report.estimates_section import estimate_cards, estimates_section
from sgnn.evaluation.report.sources_section import source_cards, sources_section
from sgnn.evaluation.sources.outcome import SourceBenchmark
from sgnn.evaluation.table import Document


def outcome_section(outcome: Outcome, document: Document) -> Section:
    """The outcome's section; ``document`` is its JSON form. Raises `TypeError` for a kind that the page cannot show."""
    if isinstance(outcome, EstimateBenchmark):
        return estimates_section(outcome, document)
    if isinstance(outcome, SourceBenchmark):
        return sources_section(outcome, document)
    if isinstance(outcome, Benchmark):
        return benchmark_section(outcome, document)
    raise TypeError(f"no section for an outcome of the kind '{outcome.kind}'")


def score_cards(document: Document) -> list[Card]:
    """The scores to see first."""
    makers = {ESTIMATES: estimate_cards, SOURCES: source_cards}
    return makers.get(kind_of(document), forecast_cards)(document)
