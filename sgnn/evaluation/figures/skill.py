"""Errors relative to the last value: by horizon, over time, and by series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from sgnn.evaluation.figures.style import ACCENT, MODEL, MUTED, OTHERS, figure, short_dates, style
from sgnn.evaluation.table import label

Document = Mapping[str, Any]


def by_horizon(document: Document) -> Figure:
    """Relative MAE of every method by steps ahead, with 90 % intervals; 1 is the last value."""
    with style():
        drawn = figure(6.6, 3.2)
        axis = drawn.subplots()
        axis.axhline(1.0, color=MUTED, linewidth=0.8)
        others = [name for name in document["baselines"] if name != "last_value"]
        for number, (color, name) in enumerate(zip(OTHERS[1:], others, strict=False)):
            aside = 0.09 * (number - (len(others) - 1) / 2)
            _whiskers(axis, document, name, color, aside)
        steps, values = _curve(document["by_horizon"])
        low, high = _bounds(document, "model")
        axis.fill_between(steps, low, high, color=MODEL, alpha=0.15, linewidth=0)
        axis.plot(steps, values, color=MODEL, linewidth=2.2, marker="o", markersize=4, label=label("model"))
        axis.set_xticks(steps)
        axis.set_ylim(bottom=0)
        axis.set_xlabel("steps ahead")
        axis.set_ylabel("relative MAE")
        axis.set_title("Error by horizon (last value = 1)")
        axis.legend(ncols=3, fontsize=8, loc="lower left")
    return drawn


def over_time(document: Document) -> Figure:
    """Absolute error of the model and of the last value by origin."""
    with style():
        drawn = figure(6.6, 3.0)
        axis = drawn.subplots()
        rows = [row for row in document["by_origin"] if row["mae"] is not None]
        dated = rows and rows[0]["date"] is not None
        at = (
            np.array([row["date"] for row in rows], dtype="datetime64[D]") if dated else [row["origin"] for row in rows]
        )
        last = dict(zip((row["origin"] for row in document["by_origin"]), _last(document), strict=True))
        axis.plot(at, [last[row["origin"]] for row in rows], color=OTHERS[0], linewidth=1.2, label=label("last_value"))
        axis.plot(at, [row["mae"] for row in rows], color=MODEL, linewidth=2.0, label=label("model"))
        axis.set_ylabel("mean absolute error")
        axis.set_ylim(bottom=0)
        axis.set_title("Error by the week forecast from")
        axis.legend(fontsize=8)
        if dated:
            short_dates(axis)
    return drawn


def by_series(document: Document) -> Figure:
    """Relative MAE of every series with 90 % intervals over origins, best first; 1 is the last value."""
    bounds = document["intervals"]["by_series"] or [None] * len(document["by_series"])
    both = [
        (row, bound)
        for row, bound in zip(document["by_series"], bounds, strict=True)
        if row["relative_mae"] is not None
    ]
    both.sort(key=lambda one: one[0]["relative_mae"])
    with style():
        drawn = figure(6.6, max(2.0, 0.145 * len(both) + 0.6))
        axis = drawn.subplots()
        axis.axvline(1.0, color=MUTED, linewidth=0.8)
        for place, (row, bound) in enumerate(both):
            color = MODEL if row["relative_mae"] < 1 else ACCENT
            if bound is not None:
                axis.plot(bound, [place, place], color=color, linewidth=0.9, alpha=0.45, solid_capstyle="butt")
            axis.plot(row["relative_mae"], place, "o", color=color, markersize=4)
        axis.set_yticks(range(len(both)), [row["series"] for row, _ in both], fontsize=6.5)
        axis.set_ylim(len(both) - 0.4, -0.6)
        axis.set_xlim(left=0)
        axis.grid(visible=False, axis="y")
        axis.set_xlabel("relative MAE (last value = 1), with 90 % intervals over origins")
        axis.set_title("Error by series")
    return drawn


def _last(document: Document) -> Any:
    return document["baselines"]["last_value"]["mae_by_origin"]


def _whiskers(axis: Any, document: Document, name: str, color: str, aside: float) -> None:
    """A method's curve, each point with its interval, moved a little aside so that intervals do not cover others'."""
    steps, values = _curve(document["baselines"][name]["by_horizon"])
    at = np.array(steps) + aside
    low, high = _bounds(document, name)
    axis.vlines(at, low, high, color=color, linewidth=0.9, alpha=0.5)
    axis.plot(at, values, color=color, linewidth=0.8, marker="o", markersize=2.5, label=label(name))


def _bounds(document: Document, name: str) -> tuple[Any, Any]:
    """Lower and upper bounds (horizon,) of a method's relative MAE, NaN where there are none."""
    rows = [row["relative_mae"] or (np.nan, np.nan) for row in document["intervals"]["methods"][name]["by_horizon"]]
    return tuple(np.array(rows, dtype=np.float64).T)


def _curve(rows: Any) -> tuple[list[int], Any]:
    values = [np.nan if row["relative_mae"] is None else row["relative_mae"] for row in rows]
    return [row["horizon"] for row in rows], np.array(values)
