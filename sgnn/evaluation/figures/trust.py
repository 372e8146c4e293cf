"""Pictures of calibration: ranks of truths, expected coverage, coverage by mechanism, reliability of probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from sgnn.evaluation.expected_coverage import CREDIBILITIES
from sgnn.evaluation.figures.style import ACCENT, MODEL, MUTED, OTHERS, figure, style
from sgnn.evaluation.ranks import cell_shares
from sgnn.evaluation.table import label

_COLORS = (MODEL, ACCENT, *OTHERS[1:])
_BAND = 0.95


def ranks(parts: Mapping[str, Mapping[str, Any]], levels: Sequence[float]) -> Figure:
    """Density of truths over the ranks of their posterior, by parameter, with the band that chance alone fills."""
    shares = cell_shares(np.asarray(levels))
    edges = np.concatenate([[0.0], levels, [1.0]])
    with style():
        columns = min(4, max(len(parts), 1))
        lines = -(-len(parts) // columns)
        drawn = figure(9.9, 2.3 * lines)
        axes = drawn.subplots(lines, columns, squeeze=False)
        for axis, (name, one) in zip(axes.flat, parts.items(), strict=False):
            number = int(one["answers"])
            axis.stairs(np.asarray(one["ranks"]) / number / shares, edges, color=MODEL, fill=True, alpha=0.8)
            low, high = (stats.binom.ppf(end, number, shares) / number / shares for end in _ends())
            axis.stairs(high, edges, baseline=low, color=MUTED, fill=True, alpha=0.3)
            axis.axhline(1.0, color=MUTED, linewidth=0.8)
            p_value = one["rank_p_value"]
            axis.set_title(label(name) + ("" if p_value is None else f" (p = {p_value:.2g})"), fontsize=8.5)
            axis.set(xlabel="rank of the truth", xlim=(0, 1), ylim=(0, None))
        for axis in list(axes.flat)[len(parts) :]:
            axis.set_visible(False)
        axes[0, 0].set_ylabel("density")
    return drawn


def expected_coverage(parts: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Share of truths within credible regions about random points over their credibility."""
    with style():
        drawn = figure(4.9, 3.3)
        axis = drawn.subplots()
        axis.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
        for color, (name, one) in zip(_COLORS, parts.items(), strict=False):
            axis.plot(CREDIBILITIES, one["expected_coverage"], color=color, linewidth=1.3, label=label(name))
        axis.set(xlabel="credibility", ylabel="share of truths within", title="Expected coverage", aspect="equal")
        axis.legend(fontsize=7)
    return drawn


def coverage_by_mechanism(document: Mapping[str, Any]) -> Figure:
    """Coverage of 90 % intervals by mechanism, a colour a parameter, with 95 % intervals of chance."""
    names, groups = list(document["parameters"]), document["groups"]
    with style():
        drawn = figure(4.9, 0.45 * len(groups) + 1.3)
        axis = drawn.subplots()
        axis.axvline(90, color=MUTED, linewidth=0.8, linestyle=":")
        for at, (color, name) in enumerate(zip(_COLORS, names, strict=False)):
            shift = 0.5 * (at / max(len(names) - 1, 1) - 0.5)
            for row, one in enumerate(groups.values()):
                scores = one["parameters"][name]
                share, number = scores["coverage"].get("90"), scores["answers"]
                if share is None:
                    continue
                low, high = stats.beta.interval(_BAND, share * number + 0.5, (1 - share) * number + 0.5)
                axis.plot([100 * low, 100 * high], [row + shift] * 2, color=color, linewidth=1.0)
                axis.plot(
                    100 * share, row + shift, "o", color=color, markersize=3, label=label(name) if not row else None
                )
        axis.set_yticks(range(len(groups)), [name.rpartition(".")[2] for name in groups])
        axis.set(xlabel="truths in 90 % intervals, %", title="Coverage by mechanism")
        axis.legend(fontsize=6.5)
    return drawn


def class_reliability(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """How often a mechanism came over the probability that was stated, with 95 % intervals of chance."""
    with style():
        drawn = figure(4.9, 3.3)
        axis = drawn.subplots()
        axis.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
        for one in rows:
            number, share = one["answers"], one["came"]
            low, high = stats.beta.interval(_BAND, share * number + 0.5, (1 - share) * number + 0.5)
            axis.plot([one["stated"]] * 2, [low, high], color=MODEL, linewidth=1.0)
        axis.plot([one["stated"] for one in rows], [one["came"] for one in rows], color=MODEL, marker="o", markersize=4)
        axis.set(
            xlabel="stated probability", ylabel="share that came", title="Probabilities of mechanisms", aspect="equal"
        )
    return drawn


def _ends() -> tuple[float, float]:
    return (1.0 - _BAND) / 2.0, (1.0 + _BAND) / 2.0
