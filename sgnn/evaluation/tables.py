"""The tables of an outcome's document, whatever its kind."""

from __future__ import annotations

from sgnn.evaluation import table as forecasts
from sgnn.evaluation.estimates import table as estimates
from sgnn.evaluation.outcome import ESTIMATES, SOURCES, kind_of
from sgnn.evaluation.sources import table as sources
from sgnn.evaluation.table import Breakdown, Document, Table

__all__ = ["headline_table", "tables"]


def headline_table(document: Document) -> Table:
    """Scores of the model beside those of the baselines."""
    makers = {ESTIMATES: estimates.score_table, SOURCES: sources.score_table}
    return makers.get(kind_of(document), forecasts.score_table)(document)


def tables(document: Document, by: Breakdown = "horizon") -> list[tuple[str, Table]]:
    """All tables with their titles, the headline first; ``by`` is along what forecasts are broken down."""
    titled = f"{document['model']} by {document['protocol']}"
    found = [(titled, headline_table(document))]
    if kind_of(document) == ESTIMATES:
        found += [("published and estimated", estimates.range_table(document))] if document.get("ranges") else []
        found += [("by parameter", estimates.parameter_table(document))]
        found += [("which point is read off", estimates.point_table(document))]
        found += [("by mechanism", estimates.group_table(document))] if document["groups"] else []
        found += [("by length", estimates.length_table(document))]
        found += [("log scores", estimates.log_score_table(document))]
        found += [("figures", estimates.figure_table(document))] if document.get("figures") else []
        found += [("calibration", estimates.calibration_table(document))]
        if document["mechanism"]:
            found += [("which mechanism", estimates.mechanism_table(document))]
            found += [("mechanisms taken for each other", estimates.confusion_table(document))]
        return found
    if kind_of(document) == SOURCES:
        return [*found, ("what the differences are worth", sources.difference_table(document))] + [
            (f"group {name}", table) for name, table in sources.group_tables(document)
        ]
    found += [("what the differences are worth", forecasts.difference_table(document))]
    if document[f"by_{by}"]:
        found.append((f"by {by}", forecasts.breakdown_table(document, by)))
    found += [("variants", forecasts.variant_table(document))] if document["variants"] else []
    found += [("by mechanism", forecasts.group_table(document))] if document["groups"] else []
    return found
