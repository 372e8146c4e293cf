"""Tables of an outcome that names sources, from its document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sgnn.evaluation.table import Document, Table, figure, label, least, percent, with_interval

_HEADING = ("method", "top-1 [90 %]", "top-5", "log score [90 %]", "hops", "hops of arg max", "ECE", "cov. 50", "90")
_HIGHER = ((1, "top1"), (2, "top5"), (3, "log_score"))
_LOWER = ((4, "mean_hops"), (5, "mean_hops_argmax"), (6, "ece"))


def score_table(document: Document) -> Table:
    """Methods by score, all cases together; those told more, and published figures, stand apart."""
    table = _scores(document, document["cases"], document["published"])
    said = [
        f"nothing simulated looks like {100 * share:.0f} % of: {name}" for name, share in document["untypical"].items()
    ]
    return replace(table, below=(*table.below, *said))


def group_tables(document: Document) -> list[tuple[str, Table]]:
    """The same table of each group, with its name."""
    return [(name, _scores(one, one["cases"], {})) for name, one in document["groups"].items()]


def difference_table(document: Document) -> Table:
    """The model's scores less those of each baseline, with paired intervals."""
    rows = []
    for name, intervals in document["intervals"]["differences"].items():
        values = document["differences"][name]
        scores = ("top1", "top5", "log_score", "mean_hops")
        rows.append((label(name), *(with_interval(values[score], intervals[score]) for score in scores)))
    return Table(("model less", "top-1 [90 %]", "top-5 [90 %]", "log score [90 %]", "hops [90 %]"), tuple(rows))


def _scores(document: Mapping[str, Any], cases: int, published: Mapping[str, float]) -> Table:
    intervals = document["intervals"]["methods"]
    methods = {"model": document["scores"], **document["baselines"]}
    rows = [_row(name, one, intervals[name]) for name, one in methods.items()]
    apart = [_row(name, one, intervals[name]) for name, one in document["informed"].items()]
    apart += [(f"{name} (published)", figure(value), *[""] * 7) for name, value in published.items()]
    best = set()
    for column, score in _HIGHER:
        best.add((least([None if one[score] is None else -one[score] for one in methods.values()]), column))
    for column, score in _LOWER:
        best.add((least([one[score] for one in methods.values()]), column))
    return Table(
        _HEADING,
        (*rows, *apart),
        frozenset(best),
        frozenset(range(len(rows), len(rows) + len(apart))),
        (f"{cases} cases; hops of the decision of least expected hops, and of the most probable candidate",),
    )


def _row(name: str, scores: Mapping[str, Any], intervals: Mapping[str, Sequence[float] | None]) -> tuple[str, ...]:
    return (
        label(name),
        with_interval(scores["top1"], intervals["top1"]),
        figure(scores["top5"]),
        with_interval(scores["log_score"], intervals["log_score"]),
        figure(scores["mean_hops"], 2),
        figure(scores["mean_hops_argmax"], 2),
        figure(scores["ece"]),
        *(percent(scores["coverage"][level]) for level in ("50", "90")),
    )
