"""What the page says of an outcome that names sources."""

from __future__ import annotations

from sgnn.evaluation.report.blocks import Card, Fold, Part, Rows, Section, Words
from sgnn.evaluation.report.remarks import remarks
from sgnn.evaluation.sources.outcome import SourceBenchmark
from sgnn.evaluation.sources.table import difference_table, group_tables, score_table
from sgnn.evaluation.table import Document


def sources_section(outcome: SourceBenchmark, document: Document) -> Section:
    """Everything about one such outcome; ``document`` is its JSON form."""
    name = outcome.protocol
    parts: list[Part] = [Words(remarks(document["notes"]), "aside")] if document["notes"] else []
    parts.append(Rows(score_table(document), "Scores; in brackets 90 % bootstrap intervals over cases"))
    parts.append(Rows(difference_table(document), "What the differences are worth: paired over cases"))
    groups = tuple(Rows(table, title) for title, table in group_tables(document))
    if groups:
        parts.append(Fold("By group", groups))
    return Section(name, f"Benchmark {name}", parts)


def source_cards(document: Document) -> list[Card]:
    """The figures to see first."""
    scores, protocol = document["scores"], document["protocol"]
    shown = []
    if scores["top1"] is not None:
        shown.append(Card(f"{100 * scores['top1']:.1f} %", f"of sources named first on {protocol}"))
    if scores["coverage"]["90"] is not None:
        shown.append(Card(f"{100 * scores['coverage']['90']:.1f} %", f"of sources in 90 % sets on {protocol}"))
    return shown
