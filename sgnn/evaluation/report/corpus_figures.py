"""The corpus in pictures: draws by mechanism, how many of each, priors, and the prior predictive envelope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sgnn.evaluation.benchmark import Forecasts
from sgnn.evaluation.figures.style import MODEL, MUTED, TRUTH, figure, style

Array = NDArray[Any]
_SHOWN = 3


def draws_by_mechanism(series: Array, mechanism: Array, names: Sequence[str], variable: str, unit: str) -> Figure:
    """The first draws of every mechanism: ``series`` (draw, time), one small panel a mechanism."""
    with style():
        columns = 4
        lines = -(-len(names) // columns)
        drawn = figure(9.9, 1.45 * lines + 0.4)
        axes = drawn.subplots(lines, columns, squeeze=False, sharex=True)
        for axis, (index, name) in zip(axes.flat, enumerate(names), strict=False):
            own = series[mechanism == index]
            lively = own[np.nansum(own, axis=1) > 0][:_SHOWN]
            for row, shade in zip(lively, (1.0, 0.6, 0.35), strict=False):
                highest = np.nanmax(row)
                axis.plot(row / highest if highest > 0 else row, color=MODEL, alpha=shade, linewidth=1.0)
            axis.set_title(name.rpartition(".")[2].replace("_", " "), fontsize=8.5)
            axis.set_yticks([])
        for axis in list(axes.flat)[len(names) :]:
            axis.set_visible(False)
        drawn.supxlabel(f"time; {variable} ({unit}), each draw relative to its own peak", fontsize=8)
    return drawn


def mechanism_counts(mechanism: Array, status: Array, names: Sequence[str]) -> Figure:
    """Number of draws by mechanism, and how many of them were not used."""
    with style():
        drawn = figure(9.9, 0.22 * len(names) + 0.7)
        axis = drawn.subplots()
        counts = np.bincount(mechanism, minlength=len(names))
        lost = np.bincount(mechanism[status != 0], minlength=len(names))
        labels = [name.rpartition(".")[2].replace("_", " ") for name in names]
        axis.barh(labels, counts, color=MODEL, height=0.65)
        for row, (count, bad) in enumerate(zip(counts, lost, strict=True)):
            axis.text(
                count,
                row,
                f" {count:,}" + (f" ({bad} not used)" if bad else ""),
                va="center",
                fontsize=7.5,
                color=TRUTH,
            )
        axis.invert_yaxis()
        axis.grid(visible=False)
        axis.set_xlim(right=counts.max() * 1.15)
        axis.set_xlabel("draws")
    return drawn


def prior_marginals(theta: Array, names: Sequence[str], units: Sequence[str], most: int = 24) -> Figure:
    """Histograms of the first ``most`` parameters that vary; ``theta`` (draw, parameter) with NaN where absent."""
    with style():
        varied = [
            at
            for at, name in enumerate(names)
            if "with_" not in name and np.unique(theta[np.isfinite(theta[:, at]), at]).size > 2
        ]
        chosen, columns = varied[:most], 6
        lines = max(1, -(-len(chosen) // columns))
        drawn = figure(9.9, 1.2 * lines + 0.2)
        axes = drawn.subplots(lines, columns, squeeze=False)
        for axis, at in zip(axes.flat, chosen, strict=False):
            values = theta[np.isfinite(theta[:, at]), at]
            wide = values.min() > 0 and values.max() / values.min() > 50
            axis.hist(np.log10(values) if wide else values, bins=24, color=MODEL, alpha=0.85)
            unit = f" ({units[at]})" if units[at] else ""
            axis.set_title(names[at].replace("_", " "), fontsize=6.5, fontweight="normal")
            axis.set_xlabel(("log10 " if wide else "") + unit, fontsize=6)
            axis.tick_params(labelsize=6)
            axis.set_yticks([])
            axis.grid(visible=False)
        for axis in list(axes.flat)[len(chosen) :]:
            axis.set_visible(False)
    return drawn


def predictive_envelope(series: Array, real: Forecasts) -> Figure:
    """Real series over the prior predictive: both relative to their own mean, by the four-week growth they show.

    Left: where the weekly values of simulated series (5-95 and 25-75 %) and of the real ones lie, relative to the
    series' mean. Right: distribution of the change of the logarithm over four weeks.
    """
    with style():
        drawn = figure(9.9, 3.0)
        left, right = drawn.subplots(1, 2, width_ratios=(1.6, 1))
        lively = series[np.nanmean(series, axis=1) > 2]
        relative = np.sort(lively / np.nanmean(lively, axis=1, keepdims=True), axis=1)
        time = np.arange(real.values.shape[1])
        low, lower, upper, high = np.nanquantile(relative, [0.05, 0.25, 0.75, 0.95])
        own = real.values / np.nanmean(real.values, axis=1, keepdims=True)
        left.plot(time, own.T, color=TRUTH, alpha=0.22, linewidth=0.7)
        left.axhspan(max(low, 1e-3), high, color=MODEL, alpha=0.12, linewidth=0)
        left.axhspan(lower, upper, color=MODEL, alpha=0.22, linewidth=0)
        left.set(
            yscale="log",
            ylim=(0.01, 30),
            xlabel="week",
            ylabel="relative to the series' mean",
            title="Real series over what is simulated",
        )
        bins = np.linspace(-3, 3, 61)
        right.hist(_growth(lively), bins=bins, density=True, color=MODEL, alpha=0.45, label="simulated")
        right.hist(
            _growth(real.values), bins=bins, density=True, histtype="step", color=TRUTH, linewidth=1.3, label="real"
        )
        right.axvline(0, color=MUTED, linewidth=0.7)
        right.set(xlabel="log change over four weeks", title="Growth", yticks=[])
        right.legend(fontsize=8)
    return drawn


def _growth(values: Array) -> Array:
    logs = np.log(values + 2.0)
    change = (logs[:, 4:] - logs[:, :-4]).reshape(-1)
    return np.asarray(change[np.isfinite(change)])


def learning_curves(training: Any) -> Figure:
    """Loss of training batches and of held-out draws against the windows seen."""
    with style():
        drawn = figure(9.9, 2.8)
        axis = drawn.subplots()
        looks = training["curve"]
        windows = [look["windows"] / 1e6 for look in looks]
        axis.plot(
            windows, [look["training_loss"] for look in looks], color=MUTED, linewidth=1.0, label="training batches"
        )
        axis.plot(
            windows,
            [look["held_out_loss"] for look in looks],
            color=MODEL,
            linewidth=2.0,
            marker="o",
            markersize=3,
            label="held-out draws",
        )
        axis.set(xlabel="million windows", ylabel="pinball loss, damped log", title="Learning curve")
        axis.legend(fontsize=8)
    return drawn
