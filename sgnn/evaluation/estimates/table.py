"""Tables of an outcome that estimates, from its document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sgnn.evaluation.table import Document, Table, figure, label, least, percent, with_interval

_LEVELS = ("50", "80", "90", "95")


def score_table(document: Document) -> Table:
    """Methods by their errors of the headline parameter; those that were told more, and published ones, stand apart."""
    intervals = document["intervals"]["methods"]
    methods = {"model": document["scores"], **document["baselines"]}
    rows = [_row(label(name), one, intervals.get(name, {})) for name, one in methods.items()]
    best = {
        (least([one[score] for one in methods.values()]), column)
        for column, score in ((1, "mean_percent_error"), (2, "mean_squared_error"))
    }
    apart = [_row(label(name), one, intervals.get(name, {})) for name, one in document["informed"].items()]
    apart += [
        (
            f"{one['method']} (published)",
            figure(one["mean_percent_error"], 1),
            figure(one["mean_squared_error"], 2),
            *[""] * 6,
        )
        for one in document["published"]
    ]
    heading = ("method", "mean error % [90 %]", "mean squared error [90 %]", "median error %", "cov. 50", "80", "90")
    cautions = tuple(f"{one['method']}: {one['caution']}" for one in document["published"] if one["caution"])
    return Table(
        (*heading, "95", "no answer"),
        (*rows, *apart),
        frozenset(best),
        frozenset(range(len(rows), len(rows) + len(apart))),
        (f"errors of {document['headline']} over {document['series']} series", *cautions),
    )


def parameter_table(document: Document) -> Table:
    """The model's scores by parameter."""
    rows = [
        (
            label(name),
            one["unit"],
            figure(one["scores"]["mean_percent_error"], 1),
            figure(one["scores"]["median_percent_error"], 1),
            figure(one["scores"]["mean_absolute_error"]),
            figure(one["scores"]["pinball"]),
            *(percent(one["scores"]["coverage"].get(level)) for level in _LEVELS),
        )
        for name, one in document["parameters"].items()
    ]
    heading = ("parameter", "unit", "mean error %", "median error %", "mean error", "pinball")
    return Table((*heading, "cov. 50", "80", "90", "95"), tuple(rows))


def point_table(document: Document) -> Table:
    """Errors of the headline parameter by the point read off a posterior: its median, or what an error asks for.

    Of methods that give whole distributions; those that were told more stand apart.
    """
    intervals = document["intervals"]["methods"]
    beside = {"model": document["scores"], **document["baselines"]}
    scores = (
        ("mean_percent_error", 1),
        ("percent_error_of_weighted_median", 1),
        ("mean_squared_error", 2),
        ("squared_error_of_mean", 2),
    )
    rows = [
        (
            label(name),
            *(with_interval(one[score], intervals.get(name, {}).get(score), digits) for score, digits in scores),
        )
        for name, one in {**beside, **document["informed"]}.items()
        if one["percent_error_of_weighted_median"] is not None
    ]
    own = sum(one["percent_error_of_weighted_median"] is not None for one in beside.values())
    heading = (
        "method",
        "error of the median, %",
        "of the median weighted by 1/value, %",
        "squared error of the median",
    )
    return Table((*heading, "of the mean"), tuple(rows), frozenset(), frozenset(range(own, len(rows))))


def calibration_table(document: Document) -> Table:
    """How far the model's quantiles are from the shares that they promise, by parameter."""
    rows = [
        (
            label(name),
            percent(one["largest_gap"]),
            percent(one["mean_gap"]),
            percent(one["expected_coverage_gap"]),
            figure(one["rank_p_value"]),
            str(one["answers"]),
        )
        for name, one in document["calibration"]["parameters"].items()
    ]
    heading = ("parameter", "largest gap %", "mean gap %", "expected coverage gap %", "p of ranks", "answers")
    return Table(heading, tuple(rows))


def log_score_table(document: Document) -> Table:
    """Log scores of every method that gives whole distributions, by parameter, in nats: higher is better."""
    names = list(document["parameters"])
    methods = ["model", *document["baselines"], *document["informed"]]
    found = {method: [_log_score(document["parameters"][name], method) for name in names] for method in methods}
    rows = [
        (label(method), *(figure(value) for value in values))
        for method, values in found.items()
        if any(value is not None for value in values)
    ]
    return Table(("log score", *(label(name) for name in names)), tuple(rows))


def figure_table(document: Document) -> Table:
    """Further figures of the protocol."""
    return Table(("figure", "value"), tuple((label(name), figure(one)) for name, one in document["figures"].items()))


def _log_score(parameter: Mapping[str, Any], method: str) -> float | None:
    scores = (
        parameter["scores"] if method == "model" else {**parameter["baselines"], **parameter["informed"]}.get(method)
    )
    value: float | None = None if scores is None else scores.get("log_score")
    return value


def coverage_table(document: Document) -> Table:
    """Coverage of the model's 90 % intervals by mechanism (rows) and parameter, in percent."""
    names = list(document["parameters"])
    rows = [
        (mechanism, *(percent(one["parameters"][name]["coverage"].get("90")) for name in names))
        for mechanism, one in document["groups"].items()
    ]
    return Table(("mechanism", *(label(name) for name in names)), tuple(rows))


def class_table(document: Document) -> Table:
    """How often a mechanism came of the answers that gave it about that probability."""
    rows = [
        (
            f"{100 * one['from']:.0f} to {100 * one['from'] + 10:.0f} %",
            percent(one["stated"]),
            percent(one["came"]),
            str(one["answers"]),
        )
        for one in document["mechanism"]["reliability"]
    ]
    return Table(("probability", "stated %", "came %", "answers"), tuple(rows))


def group_table(document: Document) -> Table:
    """The model's scores of the headline parameter by mechanism."""
    rows = [
        (name, str(one["series"]), *_short(one["parameters"][document["headline"]]))
        for name, one in document["groups"].items()
    ]
    return Table(("mechanism", "series", "mean error %", "mean squared error", "cov. 50", "90"), tuple(rows))


def length_table(document: Document) -> Table:
    """The model's scores of the headline parameter by the steps known."""
    rows = [
        (
            f"{one['from']} and more" if one["below"] is None else f"below {one['below']}",
            str(one["series"]),
            *_short(one),
        )
        for one in document["by_length"]
    ]
    return Table(("steps known", "series", "mean error %", "mean squared error", "cov. 50", "90"), tuple(rows))


def range_table(document: Document) -> Table:
    """Series by what was published about them, and by what each method says: median, 90 % interval, * where they meet.

    The methods are those whose intervals are told: the model, with whatever it is told, and the classical ones.
    """
    asked = document["ranges"]
    names = [name for name in asked["overlaps"] if name != "prior"]
    rows = [
        (one["series"], f"{one['low']:g} to {one['high']:g}", *(_beside(one["methods"][name]) for name in names))
        for one in asked["series"]
    ]
    last = ("intervals that meet the range", f"of {asked['of']}", *(str(asked["overlaps"][name]) for name in names))
    sources = tuple(f"{one['series']}: {one['source']}" for one in asked["series"])
    return Table(
        ("series", "published", *(label(name) for name in names)), (*rows, last), frozenset(), frozenset(), sources
    )


def mechanism_table(document: Document) -> Table:
    """How well each method names the mechanism."""
    asked = document["mechanism"]
    rows = [
        (
            label(name),
            percent(one["accuracy"]),
            figure(one["log_loss"]),
            figure(one["calibration_error"]),
            str(one["answers"]),
        )
        for name, one in {"model": asked["scores"], **asked["baselines"]}.items()
    ]
    return Table(("method", "accuracy %", "log loss", "calibration error", "answers"), tuple(rows))


def confusion_table(document: Document) -> Table:
    """Series by their true mechanism (rows) and the one that the model names (columns)."""
    asked = document["mechanism"]
    rows = [
        (name, *(str(count) for count in counts))
        for name, counts in zip(asked["mechanisms"], asked["confusion"]["model"], strict=True)
    ]
    return Table(("true mechanism", *asked["mechanisms"]), tuple(rows))


def _row(name: str, scores: Mapping[str, Any], intervals: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        name,
        with_interval(scores["mean_percent_error"], intervals.get("mean_percent_error"), 1),
        with_interval(scores["mean_squared_error"], intervals.get("mean_squared_error"), 2),
        figure(scores["median_percent_error"], 1),
        *(percent(scores["coverage"].get(level)) for level in _LEVELS),
        str(scores.get("failures", 0)),
    )


def _beside(answer: Mapping[str, Any]) -> str:
    if answer["median"] is None:
        return "–"
    low, high = answer["interval"]
    ends = "" if low is None or high is None else f" [{low:.2g}, {high:.2g}]"
    return f"{answer['median']:.2f}{ends}{'*' if answer['overlaps'] else ''}"


def _short(scores: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        figure(scores["mean_percent_error"], 1),
        figure(scores["mean_squared_error"], 2),
        *(percent(scores["coverage"].get(level)) for level in ("50", "90")),
    )
