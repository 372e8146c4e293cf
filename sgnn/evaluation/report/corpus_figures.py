"""The corpus in pictures: draws by mechanism, how many of each, what the prior says, and real series over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sgnn.evaluation.figures.style import MODEL, MUTED, TRUTH, figure, style
from sgnn.evaluation.report.prior_check import PriorCheck
from sgnn.simulation.schema import ParameterInfo

Array = NDArray[Any]
WIDTH = 9.9
_SHOWN = 3
_LEAST_TOTAL = 50.0


def short(name: str) -> str:
    """A mechanism's name without its domain, in words."""
    return name.rpartition(".")[2].replace("_", " ")


def draws_by_mechanism(series: Array, kinds: Array, mechanisms: Sequence[str], label: str) -> Figure:
    """The first draws of every mechanism that are not next to nothing; ``series`` (draw, time), a panel a mechanism."""
    with style():
        columns = min(4, len(mechanisms))
        lines = -(-len(mechanisms) // columns)
        drawn = figure(WIDTH, 1.35 * lines + 0.4)
        axes = drawn.subplots(lines, columns, squeeze=False, sharex=True)
        for axis in axes.flat[len(mechanisms) :]:
            axis.set_visible(False)
        for axis, (index, name) in zip(axes.flat, enumerate(mechanisms), strict=False):
            own = series[kinds == index]
            lively = own[np.nansum(own, axis=1) >= _LEAST_TOTAL][:_SHOWN]
            for row, shade in zip(lively, (1.0, 0.6, 0.35), strict=False):
                axis.plot(row / np.nanmax(row), color=MODEL, alpha=shade, linewidth=1.0)
            axis.set_title(short(name), fontsize=8.5)
            axis.set_yticks([])
        drawn.supxlabel(label, fontsize=8)
    return drawn


def mechanism_counts(mechanism: Array, status: Array, mechanisms: Sequence[str]) -> Figure:
    """Number of draws by mechanism, most first, and how many of them are not used."""
    with style():
        drawn = figure(WIDTH, 0.21 * len(mechanisms) + 0.3)
        axis = drawn.subplots()
        counts = np.bincount(mechanism, minlength=len(mechanisms))
        lost = np.bincount(mechanism[status != 0], minlength=len(mechanisms))
        order = np.argsort(-counts, kind="stable")
        axis.barh(np.arange(len(order)), counts[order], color=MODEL, height=0.66)
        axis.set_yticks(np.arange(len(order)), [short(mechanisms[at]) for at in order])
        for row, at in enumerate(order):
            said = f" {counts[at]:,}" + (f", {lost[at]:,} not used" if lost[at] else "")
            axis.text(counts[at], row, said, va="center", fontsize=8, color=TRUTH)
        axis.invert_yaxis()
        axis.grid(visible=False)
        axis.spines["bottom"].set_visible(False)
        axis.tick_params(length=0)
        axis.set_xticks([])
        axis.set_xlim(right=max(1, counts.max()) * 1.2)
    return drawn


def varied(theta: Array) -> list[int]:
    """Parameters that have more than two values: the others are switches, or fixed."""
    return [at for at in range(theta.shape[1]) if np.unique(theta[np.isfinite(theta[:, at]), at]).size > 2]


def prior_marginals(theta: Array, parameters: Sequence[ParameterInfo], shown: Sequence[int]) -> Figure:
    """Histograms of parameters; ``theta`` (draw, parameter) with NaN where a mechanism has no such parameter."""
    with style():
        columns = 6
        lines = max(1, -(-len(shown) // columns))
        drawn = figure(WIDTH, 1.12 * lines + 0.1)
        axes = drawn.subplots(lines, columns, squeeze=False)
        for axis in axes.flat[len(shown) :]:
            axis.set_visible(False)
        for axis, at in zip(axes.flat, shown, strict=False):
            values = theta[np.isfinite(theta[:, at]), at]
            edges = bins_of(values)
            if spread_over_magnitudes(values):
                axis.set_xscale("log")
            else:
                axis.locator_params(axis="x", nbins=3)
                axis.ticklabel_format(axis="x", scilimits=(-3, 4))
                axis.xaxis.get_offset_text().set_fontsize(6)
            axis.hist(values, bins=edges, color=MODEL, alpha=0.85)
            axis.set_title(_wrapped(parameters[at].name), fontsize=6.5, fontweight="normal")
            axis.set_xlabel(parameters[at].unit, fontsize=6, labelpad=1)
            axis.tick_params(labelsize=6, pad=1.5)
            axis.tick_params(which="minor", length=0)
            axis.set_yticks([])
            axis.grid(visible=False)
    return drawn


def spread_over_magnitudes(values: Array) -> bool:
    """Whether a logarithmic axis suits: the median is nearer to the middle there than on a linear one."""
    low, middle, high = np.quantile(values, [0.01, 0.5, 0.99])
    if values.min() <= 0 or high < 20 * low:
        return False
    linear = (middle - low) / (high - low)
    logarithmic = np.log(middle / low) / np.log(high / low)
    return bool(abs(logarithmic - 0.5) < abs(linear - 0.5))


def bins_of(values: Array, number: int = 24) -> Array:
    """Edges of a histogram, of even width on the axis that suits."""
    spaced = np.geomspace if spread_over_magnitudes(values) else np.linspace
    edges: Array = spaced(values.min(), values.max(), number + 1)
    edges[[0, -1]] = values.min(), values.max()
    return edges


def predictive_envelope(check: PriorCheck) -> Figure:
    """Real series over the prior predictive: about their peaks, by how they grow, and by how they scatter."""
    with style():
        drawn = figure(WIDTH, 3.1)
        left, middle, right = drawn.subplots(1, 3, width_ratios=(1.7, 1, 1))
        left.plot(check.weeks, check.real.T, color=TRUTH, alpha=0.25, linewidth=0.7)
        for low, high, shade in ((0, 4, 0.16), (1, 3, 0.28)):
            left.fill_between(check.weeks, check.bands[low], check.bands[high], color=MODEL, alpha=shade, linewidth=0)
        left.plot(check.weeks, check.bands[2], color=MODEL, linewidth=1.8)
        left.set(ylim=(0, 1.05), xlabel="steps from the highest value", ylabel="relative to the highest value")
        left.set_title("About the peak")
        for axis, (simulated, real), title, words in (
            (middle, check.growth, "Growth", "log change over four steps"),
            (right, check.scatter, "Scatter", "log difference from neighbours"),
        ):
            edge = max(float(np.quantile(np.abs(real), 0.995)), 1e-3)
            bins = np.linspace(-edge, edge, 41)
            axis.hist(simulated, bins=bins, density=True, color=MODEL, alpha=0.45, label="simulated")
            axis.hist(real, bins=bins, density=True, histtype="step", color=TRUTH, linewidth=1.2, label="real")
            axis.axvline(0, color=MUTED, linewidth=0.7)
            axis.set(yticks=[], xlabel=words)
            axis.set_title(title)
        middle.legend(fontsize=7.5, loc="upper left", handlelength=1.2)
    return drawn


def _wrapped(name: str) -> str:
    """A parameter's name in words, in two lines where it is long."""
    first, dot, second = name.partition(".")
    words = (f"{first}:\n{second}" if dot else name).replace("_", " ")
    if "\n" in words or len(words) < 22:
        return words
    cut = words.rfind(" ", 0, 22)
    return f"{words[:cut]}\n{words[cut + 1 :]}" if cut > 0 else words
