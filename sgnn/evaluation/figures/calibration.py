"""Calibration: how often the truth lies below a quantile or within an interval."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from sgnn.evaluation.benchmark import MODEL as METHOD
from sgnn.evaluation.benchmark import Forecasts
from sgnn.evaluation.calibration import coverage_by_horizon, pit, reliability
from sgnn.evaluation.figures.style import MODEL, MUTED, figure, style


def calibration(forecasts: Forecasts) -> Figure:
    """Reliability of the quantiles, histogram of the PIT, and coverage by horizon, side by side."""
    own, levels, truth = forecasts.methods[METHOD], forecasts.levels, forecasts.truth
    with style():
        drawn = figure(9.9, 3.0)
        left, middle, right = drawn.subplots(1, 3)
        left.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
        left.plot(levels, reliability(own, levels, truth), color=MODEL, marker="o", markersize=3, linewidth=1.4)
        left.set(xlabel="quantile level", ylabel="share of truths below", title="Reliability", aspect="equal")
        middle.hist(pit(own, levels, truth), bins=np.linspace(0, 1, 21), color=MODEL, density=True, alpha=0.85)
        middle.axhline(1.0, color=MUTED, linewidth=0.8)
        middle.set(xlabel="PIT", ylabel="density", title="PIT histogram")
        steps = np.arange(1, truth.shape[2] + 1)
        coverage = coverage_by_horizon(own, levels, truth)
        for shade, (percent, shares) in zip((0.4, 0.6, 0.8, 1.0), coverage.items(), strict=True):
            right.axhline(percent / 100, color=MUTED, linewidth=0.8, linestyle=":")
            right.plot(steps, shares, color=MODEL, alpha=shade, marker="o", markersize=3, linewidth=1.4)
            right.annotate(f"{percent} %", (steps[-1], shares[-1]), (6, 0), textcoords="offset points", va="center")
        right.set(xlabel="steps ahead", ylabel="share covered", title="Coverage of intervals", ylim=(0, 1.02))
        right.set_xticks(steps)
        right.set_xlim(right=steps[-1] + 0.12 * len(steps))
    return drawn
