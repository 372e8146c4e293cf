"""What the page says of one benchmark of forecasts: scores, forecasts over what happened, errors, calibration."""

from __future__ import annotations

import numpy as np

from sgnn.evaluation.benchmark import Benchmark
from sgnn.evaluation.figures.calibration import calibration
from sgnn.evaluation.figures.fan import fan_charts, largest
from sgnn.evaluation.figures.skill import by_horizon, by_series, over_time
from sgnn.evaluation.report.blocks import Card, Fold, Part, Pictures, Rows, Section, Words
from sgnn.evaluation.report.inline_svg import picture
from sgnn.evaluation.report.remarks import remarks
from sgnn.evaluation.table import (
    Document,
    Table,
    calibration_table,
    difference_table,
    group_table,
    label,
    score_table,
    variant_table,
)

_WORSE = frozenset({"model worse"})


def benchmark_section(benchmark: Benchmark, document: Document) -> Section:
    """Everything about one benchmark, from the scores down to single series; ``document`` is its JSON form."""
    name = benchmark.protocol
    parts: list[Part] = [Words(remarks(document["notes"]), "aside")] if document["notes"] else []
    parts.append(Rows(score_table(document), "Scores beside baselines; in brackets 90 % bootstrap intervals"))
    parts.append(Rows(difference_table(document), "What the differences are worth", _WORSE))
    if document["variants"]:
        parts.append(Rows(variant_table(document), "Variants of the protocol"))
    if document["groups"]:
        parts.append(Rows(group_table(document), "By mechanism"))
    if document["published"]:
        parts.append(Rows(_published(document), "Published figures, and what they are worth"))
    parts += _fans(benchmark)
    parts += _errors(document, name)
    drawn = calibration(benchmark.forecasts)
    words = "Reliability curve, histogram of the probability integral transform, and coverage by horizon."
    caption = (
        "Left: share of truths below each quantile; calibrated forecasts lie on the line. Middle: flat where "
        "calibrated. Right: share of truths within intervals, dotted where it should be."
    )
    parts.append(picture(drawn, f"{name}-calibration", words, caption))
    words = "Gaps between what quantiles promise and what came, by steps ahead"
    parts.append(Fold(words, (Rows(calibration_table(document), words),)))
    return Section(name, f"Benchmark {name}", parts)


def forecast_cards(document: Document) -> list[Card]:
    """The figures to see first."""
    scores, protocol = document["scores"], document["protocol"]
    if scores["relative_mae"] is None:
        return []
    return [
        Card(f"{scores['relative_mae']:.3f}", f"relative MAE on {protocol}, last value = 1"),
        Card(f"{scores['relative_wis']:.3f}", f"relative WIS on {protocol}"),
        Card(f"{100 * scores['coverage']['90']:.1f} %", f"of truths in 90 % intervals on {protocol}"),
    ]


def _published(document: Document) -> Table:
    rows = tuple(
        (
            one["method"],
            "–" if one["relative_mae"] is None else f"{one['relative_mae']:.3f}",
            one["source"],
            one["caution"],
        )
        for one in document["published"]
    )
    return Table(("method", "relative MAE", "source", "caution"), rows)


def _fans(benchmark: Benchmark) -> list[Part]:
    forecasts = benchmark.forecasts
    if not forecasts.dates:
        return []
    rows = largest(forecasts)
    names = ", ".join(forecasts.series[row] for row in rows)
    words = f"Fan charts of {len(rows)} series ({names}): forecasts with bands over what happened."
    caption = (
        f"Forecasts with 50, 80 and 95 % bands over what happened: {names}, spread over the sizes of the "
        f"{len(forecasts.series)} series before anything was looked at."
    )
    return [picture(fan_charts(forecasts, rows), f"{benchmark.protocol}-fans", words, caption)]


def _errors(document: Document, name: str) -> list[Part]:
    horizon, time = by_horizon(document), over_time(document)
    for drawn in (horizon, time):  # two of them share a line of the page
        drawn.set_size_inches(4.9, 2.9)
    pair = Pictures(
        (
            picture(horizon, f"{name}-horizon", "Relative error of all methods by steps ahead."),
            picture(time, f"{name}-time", "Absolute error of model and last value by origin."),
        )
    )
    methods = {"model": document, **document["baselines"]}
    steps = [str(row["horizon"]) for row in document["by_horizon"]]
    rows = tuple(
        (label(method), *(_three(row["relative_mae"]) for row in one["by_horizon"])) for method, one in methods.items()
    )
    coverage = tuple(
        (f"{level} % interval", *(_percent(row["coverage"].get(level)) for row in document["by_horizon"]))
        for level in ("50", "80", "90", "95")
    )
    folded: list[Part] = [
        Rows(Table(("steps ahead", *steps), rows), "Relative MAE by horizon (last value = 1)"),
        Rows(Table(("coverage, %", *steps), coverage), "Coverage of the model's intervals by horizon"),
    ]
    parts: list[Part] = [pair, Fold("Scores by horizon", tuple(folded))]
    if document["by_series"]:
        parts.append(Fold("Scores by series", _by_series(document, name)))
    return parts


def _by_series(document: Document, name: str) -> tuple[Part, ...]:
    scored = [row for row in document["by_series"] if row["relative_mae"] is not None]
    scored.sort(key=lambda row: float(row["relative_mae"]))
    worse = sum(row["relative_mae"] > 1 for row in scored)
    rows = tuple(
        (
            row["series"],
            _three(row["relative_mae"]),
            _three(row["relative_wis"]),
            *(_percent(row["coverage"].get(level)) for level in ("50", "90")),
            f"{row['mae']:,.1f}",
        )
        for row in scored
    )
    heading = ("series", "relative MAE", "relative WIS", "cov. 50", "cov. 90", "MAE")
    return (
        Words(f"{len(scored) - worse} of {len(scored)} series are forecast better than by their last value."),
        picture(by_series(document), f"{name}-series", "Relative error of every series, best first.", narrow=True),
        Rows(Table(heading, rows), "By series, best first"),
    )


def _three(value: float | None) -> str:
    return "–" if value is None or not np.isfinite(value) else f"{value:.3f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"
