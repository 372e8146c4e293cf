"""From a report's content to one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sgnn.errors import DataError
from sgnn.evaluation.outcome import ESTIMATES, kind_of
from sgnn.evaluation.report.blocks import Card
from sgnn.evaluation.report.content import ReportContent
from sgnn.evaluation.report.outcome_section import outcome_section, score_cards
from sgnn.evaluation.report.sample import CorpusSample, sample_corpus
from sgnn.evaluation.report.sections import (
    corpus_section,
    duration,
    gates_section,
    provenance_section,
    run_section,
    training_section,
)
from sgnn.evaluation.report.template import Head, rendered
from sgnn.evaluation.table import Document
from sgnn.files import write_whole


def render_report(content: ReportContent) -> str:
    """The page as HTML text: styles and figures inside, no request to anywhere, no script."""
    sample = sample_corpus(content.corpus, content.recipe.model.settings)
    benchmarks = list(content.benchmarks.values())
    documents = [one.to_json() for one in benchmarks]
    sections = [
        run_section(content),
        corpus_section(sample, benchmarks, content.audit),
        training_section(content),
        *(outcome_section(one, document) for one, document in zip(benchmarks, documents, strict=True)),
        gates_section(content),
        provenance_section(content, benchmarks),
    ]
    over = f"Report of the recipe {content.recipe.name}"
    head = Head(f"{content.model}: report", over, content.model, content.alias, content.recipe.description)
    return rendered(head, sections, cards(content, sample, documents))


def write_report(content: ReportContent, path: Path) -> Path:
    """Write the page into a file that appears whole or not at all. Raises `DataError` where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, render_report(content))
    except OSError as error:
        raise DataError(
            f"the report {path} cannot be written: {error.strerror or error}", remedy="look at the folder and the disk"
        ) from error
    return path


def cards(content: ReportContent, sample: CorpusSample, documents: Sequence[Document]) -> list[Card]:
    """The figures to see first: scores of the leading benchmark, and what was spent."""
    shown = [Card(f"{sample.status.ok:,}", f"simulated draws of {len(sample.schema.mechanisms)} mechanisms")]
    if content.training.get("windows"):
        spent = duration(content.training["seconds"])
        shown.append(Card(f"{content.training['windows'] / 1e6:,.1f} M", f"windows learnt from, in {spent}"))
    if not documents:
        return shown
    return [*score_cards(leading(documents, [one.real is not None for one in content.benchmarks.values()])), *shown]


def leading(documents: Sequence[Document], real: Sequence[bool]) -> Document:
    """The first one on real data whose truth was observed, else the first one: nobody observed what is estimated."""
    observed = [one and kind_of(document) != ESTIMATES for document, one in zip(documents, real, strict=True)]
    return documents[observed.index(True) if any(observed) else 0]
