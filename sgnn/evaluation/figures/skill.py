"""Errors relative to the last value: by horizon, over time, and by series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from sgnn.evaluation.figures.style import ACCENT, MODEL, MUTED, OTHERS, figure, style
from sgnn.evaluation.table import label

Document = Mapping[str, Any]


def by_horizon(document: Document) -> Figure:
    """Relative MAE of every method by steps ahead; 1 is the last value."""
    with style():
        drawn = figure(6.6, 3.0)
        axis = drawn.subplots()
        axis.axhline(1.0, color=MUTED, linewidth=0.8)
        for color, (name, scores) in zip(OTHERS[1:], _fitted(document), strict=False):
            axis.plot(
                *_curve(scores["by_horizon"]), color=color, linewidth=1.0, marker="o", markersize=2.5, label=label(name)
            )
        axis.plot(
            *_curve(document["by_horizon"]), color=MODEL, linewidth=2.2, marker="o", markersize=4, label=label("model")
        )
        axis.set_xlabel("weeks ahead")
        axis.set_ylabel("relative MAE")
        axis.set_title("Error by horizon (last value = 1)")
        axis.legend(ncols=2, fontsize=8)
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
        axis.plot(
            at, [row["mae"] / row["relative_mae"] for row in rows], color=OTHERS[0], linewidth=1.2, label="last value"
        )
        axis.plot(at, [row["mae"] for row in rows], color=MODEL, linewidth=2.0, label="model")
        axis.set_ylabel("mean absolute error")
        axis.set_ylim(bottom=0)
        axis.set_title("Error by the week forecast from")
        axis.legend(fontsize=8)
        axis.tick_params(axis="x", rotation=30)
    return drawn


def by_series(document: Document) -> Figure:
    """Relative MAE of every series, best first; 1 is the last value."""
    rows = sorted(
        (row for row in document["by_series"] if row["relative_mae"] is not None), key=lambda row: row["relative_mae"]
    )
    with style():
        drawn = figure(6.6, max(2.0, 0.145 * len(rows) + 0.6))
        axis = drawn.subplots()
        values = [row["relative_mae"] for row in rows]
        axis.axvline(1.0, color=MUTED, linewidth=0.8)
        axis.scatter(values, range(len(rows)), s=16, c=[MODEL if value < 1 else ACCENT for value in values], zorder=3)
        axis.set_yticks(range(len(rows)), [row["series"] for row in rows], fontsize=6.5)
        axis.set_ylim(len(rows) - 0.4, -0.6)
        axis.set_xlim(left=0)
        axis.set_xlabel("relative MAE (last value = 1)")
        axis.set_title("Error by series")
    return drawn


def _fitted(document: Document) -> list[tuple[str, Any]]:
    return [(name, scores) for name, scores in document["baselines"].items() if name != "last_value"]


def _curve(rows: Any) -> tuple[list[int], list[float]]:
    return [row["horizon"] for row in rows], [row["relative_mae"] for row in rows]
