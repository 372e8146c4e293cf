"""What the page says of an outcome that estimates: scores, calibration, mechanisms, and where it is good and bad."""

from __future__ import annotations

from sgnn.evaluation.estimates.outcome import EstimateBenchmark
from sgnn.evaluation.estimates.table import (
    confusion_table,
    group_table,
    length_table,
    mechanism_table,
    parameter_table,
    point_table,
    range_table,
    score_table,
)
from sgnn.evaluation.figures.estimates import calibration, confusion
from sgnn.evaluation.report.blocks import Card, Fold, Part, Rows, Section, Words
from sgnn.evaluation.report.calibration_parts import calibration_parts
from sgnn.evaluation.report.inline_svg import picture
from sgnn.evaluation.report.remarks import remarks
from sgnn.evaluation.table import Document, label


def estimates_section(outcome: EstimateBenchmark, document: Document) -> Section:
    """Everything about one such outcome; ``document`` is its JSON form."""
    name = outcome.protocol
    first = label(document["headline"])
    parts: list[Part] = [Words(remarks(document["notes"]), "aside")] if document["notes"] else []
    parts.append(Rows(score_table(document), f"Errors of {first}; in brackets 90 % bootstrap intervals over series"))
    if document.get("ranges"):
        parts.append(
            Rows(range_table(document), f"{first}, published and estimated; * where the 90 % interval meets it")
        )
    parts.append(Rows(parameter_table(document), "By parameter"))
    words = f"{first}: the median of each posterior, and the point that expects the least of each error"
    parts.append(Fold("Which point is read off", (Rows(point_table(document), words),)))
    words = f"Medians over truths of {first}, reliability of quantiles by parameter, histogram of the PIT of {first}."
    caption = (
        "Left: exact answers lie on the line. Middle: share of truths below each quantile; calibrated answers lie on "
        "the line. Right: flat where calibrated."
    )
    parts.append(picture(calibration(outcome.estimates), f"{name}-calibration", words, caption))
    parts += calibration_parts(document)
    folded: list[Part] = [Rows(length_table(document), f"{first} by the steps known")]
    if document["groups"]:
        folded.append(Rows(group_table(document), f"{first} by mechanism"))
    parts.append(Fold("Where it is good and bad", tuple(folded)))
    if document["mechanism"]:
        parts.append(Rows(mechanism_table(document), "Which mechanism made the series"))
        words = "Heat map: how often each mechanism is taken for each other one."
        parts.append(picture(confusion(document["mechanism"]), f"{name}-confusion", words, narrow=True))
        parts.append(Fold("Counts of the heat map", (Rows(confusion_table(document), "Series by mechanism"),)))
    return Section(name, f"Benchmark {name}", parts)


def estimate_cards(document: Document) -> list[Card]:
    """The figures to see first."""
    scores, protocol, first = document["scores"], document["protocol"], label(document["headline"])
    if scores["mean_percent_error"] is None:
        return []
    shown = [Card(f"{scores['mean_percent_error']:.1f} %", f"mean error of {first} on {protocol}")]
    if scores["coverage"]["90"] is not None:
        shown.append(Card(f"{100 * scores['coverage']['90']:.1f} %", f"of truths in 90 % intervals on {protocol}"))
    if document["mechanism"]:
        accuracy = document["mechanism"]["scores"]["accuracy"]
        shown.append(Card(f"{100 * accuracy:.0f} %", f"of mechanisms named on {protocol}"))
    return shown
