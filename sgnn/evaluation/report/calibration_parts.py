"""What the page says of the calibration of estimates: ranks, expected coverage, mechanisms."""

from __future__ import annotations

from sgnn.evaluation.estimates.table import (
    calibration_table,
    class_table,
    coverage_table,
    figure_table,
    log_score_table,
)
from sgnn.evaluation.figures.trust import class_reliability, coverage_by_mechanism, expected_coverage, ranks
from sgnn.evaluation.report.blocks import Fold, Part, Pictures, Rows
from sgnn.evaluation.report.inline_svg import picture
from sgnn.evaluation.table import Document
from sgnn.learning.forecast.levels import LEVELS


def calibration_parts(document: Document) -> list[Part]:
    """Tables and pictures of an outcome's document; none where nothing was answered by quantiles."""
    name, told = document["protocol"], document["calibration"]["parameters"]
    if not told:
        return []
    scored: list[Part] = [Rows(log_score_table(document), "Log scores in nats, higher is better")]
    if document.get("figures"):
        scored.append(Rows(figure_table(document), "Further figures"))
    words = "Histograms of the ranks of truths among the quantiles of their posteriors, by parameter."
    caption = "Simulation-based calibration: flat, within the grey band, where answers are calibrated."
    parts: list[Part] = [
        *scored,
        Rows(calibration_table(document), "Calibration: gaps between what quantiles promise and what came"),
        picture(ranks(told, LEVELS), f"{name}-ranks", words, caption),
    ]
    words = "Share of truths within credible regions about random points, by credibility."
    beside = [picture(expected_coverage(told), f"{name}-expected-coverage", words)]
    if document["mechanism"]:
        words = "How often a mechanism came, by the probability that was stated."
        drawn = class_reliability(document["mechanism"]["reliability"])
        beside.append(picture(drawn, f"{name}-class-reliability", words))
    parts.append(Pictures(tuple(beside)))
    folded: list[Part] = []
    if document["groups"]:
        words = "Coverage of 90 % intervals by mechanism and parameter."
        folded.append(picture(coverage_by_mechanism(document), f"{name}-coverage", words, narrow=True))
        folded.append(Rows(coverage_table(document), "Truths in 90 % intervals by mechanism, %"))
    if document["mechanism"]:
        folded.append(Rows(class_table(document), "Probabilities of mechanisms and what came"))
    return [*parts, Fold("Calibration by mechanism", tuple(folded))] if folded else parts
