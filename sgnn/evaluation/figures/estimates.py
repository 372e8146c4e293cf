"""Estimates beside their truths, their calibration, and mechanisms taken for each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from sgnn.evaluation.calibration import pit, reliability
from sgnn.evaluation.estimates.answers import MODEL as METHOD
from sgnn.evaluation.estimates.answers import Estimates
from sgnn.evaluation.figures.style import MODEL, MUTED, OTHERS, figure, style
from sgnn.evaluation.table import label

_COLORS = (MODEL, *OTHERS[1:])
_LIGHT = "#f4f6f8"


def calibration(estimates: Estimates) -> Figure:
    """Medians over truths of the headline parameter, reliability of every parameter, histogram of the PIT."""
    levels, first = estimates.levels, estimates.headline
    own, truth = estimates.methods[METHOD][first], estimates.truth[first]
    with style():
        drawn = figure(9.9, 3.0)
        left, middle, right = drawn.subplots(1, 3)
        medians = own[:, int(np.argmin(np.abs(levels - 0.5)))]
        left.plot(truth, medians, "o", color=MODEL, markersize=2, alpha=0.4)
        ends = [float(np.nanmin(truth)), float(np.nanmax(truth))]
        left.plot(ends, ends, color=MUTED, linewidth=0.8)
        left.set(xlabel=f"true {label(first)}", ylabel="median", title=f"{label(first)}: answer and truth")
        middle.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
        for color, (name, answers) in zip(_COLORS, estimates.methods[METHOD].items(), strict=False):
            shares = reliability(answers, levels, estimates.truth[name])
            middle.plot(levels, shares, color=color, marker="o", markersize=2.5, linewidth=1.2, label=label(name))
        middle.set(xlabel="quantile level", ylabel="share of truths below", title="Reliability", aspect="equal")
        middle.legend(fontsize=7)
        right.hist(pit(own, levels, truth), bins=np.linspace(0, 1, 21), color=MODEL, density=True, alpha=0.85)
        right.axhline(1.0, color=MUTED, linewidth=0.8)
        right.set(xlabel="PIT", ylabel="density", title=f"PIT histogram of {label(first)}")
    return drawn


def confusion(mechanism: Mapping[str, Any]) -> Figure:
    """Share of the series of each mechanism (rows) that the model takes for each (columns)."""
    counts = np.array(mechanism["confusion"]["model"], dtype=np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    names = [name.rpartition(".")[2] for name in mechanism["mechanisms"]]
    places = range(len(names))
    with style():
        drawn = figure(5.2, 0.55 * len(names) + 1.4)
        axis = drawn.subplots()
        axis.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto")
        for row in places:
            for column in places:
                # not white, which a page takes for its own background
                shade = _LIGHT if shares[row, column] > 0.6 else "black"
                axis.text(column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center", color=shade)
        axis.set_xticks(places, names, rotation=30, ha="right", fontsize=7.5)
        axis.set_yticks(places, names, fontsize=7.5)
        axis.set(xlabel="named", ylabel="true", title="Mechanisms, % of the true one")
        axis.grid(visible=False)
    return drawn
