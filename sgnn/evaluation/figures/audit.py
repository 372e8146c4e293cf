"""An audit in pictures: parameters in their prior, where draws are lost, what neighbours have in common, gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from sgnn.evaluation.figures.style import ACCENT, MODEL, MUTED, TRUTH, figure, style

if TYPE_CHECKING:
    from sgnn.corpus.audit import Audit

WIDTH = 9.9
_COLUMNS = 4
_MARGINALS, _SHIFTS, _NAMES = 12, 8, 24
Row = Mapping[str, Any]


def audit_figures(found: Audit) -> dict[str, Figure]:
    """All figures that the audit has something for, by name."""
    figures = {name: section.outcome.figures for name, section in ((one.name, one) for one in found.sections)}
    drawn: dict[str, Figure] = {}
    mechanisms = figures["mechanisms"]["mechanisms"]
    if len(mechanisms) > 1 and mechanisms[0]["expected"] is not None:
        drawn["mechanisms"] = mechanism_shares(mechanisms)
    varied = [row for row in figures["prior"].get("parameters", ()) if sum(row["ranks"])]
    if varied:
        drawn["prior"] = prior_ranks(sorted(varied, key=lambda row: float(row["p_value"]))[:_MARGINALS])
    if figures["losses"]["shifts"]:
        drawn["losses"] = lost_by_tenth(figures["losses"]["shifts"][:_SHIFTS])
    if figures["neighbours"]["outputs"]:
        drawn["neighbours"] = in_common(figures["neighbours"]["outputs"])
    drawn["outputs"] = gaps(figures["outputs"]["variables"])
    return drawn


def mechanism_shares(rows: Sequence[Row]) -> Figure:
    """Draws of each mechanism less what its weight says, in standard deviations; dots beyond three stand out."""
    with style():
        drawn = figure(WIDTH, 0.24 * len(rows) + 0.8)
        axis = drawn.subplots()
        total = sum(row["draws"] for row in rows)
        expected = np.array([row["expected"] for row in rows], dtype=np.float64)
        deviation = np.sqrt(np.maximum(expected * (1 - expected / max(total, 1)), 1e-12))
        scores = (np.array([row["draws"] for row in rows]) - expected) / deviation
        places = np.arange(len(rows))
        axis.axvspan(-3, 3, color=MODEL, alpha=0.08, linewidth=0)
        axis.axvline(0, color=MUTED, linewidth=0.8)
        axis.scatter(scores, places, color=[ACCENT if abs(one) > 3 else MODEL for one in scores], s=26, zorder=3)
        axis.set_yticks(places, [f"{row['mechanism']}  {row['draws']:,}" for row in rows], fontsize=8)
        axis.set_xlim(-1.15 * max(4.0, np.abs(scores).max()), 1.15 * max(4.0, np.abs(scores).max()))
        axis.set_xlabel("draws more or fewer than its weight says, in standard deviations")
        axis.invert_yaxis()
    return drawn


def prior_ranks(rows: Sequence[Row]) -> Figure:
    """Share of draws by tenth of the prior for the least likely parameters; the band holds 99.9 % of sound bars."""
    from scipy.stats import binom

    with style():
        drawn, axes = _panels(len(rows), 1.25)
        for axis, row in zip(axes, rows, strict=False):
            counts = np.asarray(row["ranks"], dtype=np.float64)
            number = counts.sum()
            low, high = (10 * binom.ppf(level, number, 0.1) / number for level in (0.0005, 0.9995))
            shares = 10 * counts / number
            axis.axhspan(low, high, color=MUTED, alpha=0.18, linewidth=0)
            beyond = (shares < low) | (shares > high)
            axis.bar(np.arange(10), shares, width=0.82, color=[ACCENT if one else MODEL for one in beyond])
            axis.axhline(1, color=TRUTH, linewidth=0.8)
            axis.set_title(_title(row), fontsize=7, fontweight="normal")
            axis.set_xticks([])
            axis.tick_params(labelsize=6.5)
            axis.set_ylim(0, max(1.25, 1.1 * shares.max(), 1.05 * high))
            axis.grid(visible=False)
        drawn.supxlabel("tenths of the prior, lowest values left; 1 is what the prior says", fontsize=8)
    return drawn


def lost_by_tenth(rows: Sequence[Row]) -> Figure:
    """Share of draws that are lost by tenth of the prior, for the parameters whose prior bends most."""
    with style():
        drawn, axes = _panels(len(rows), 1.35)
        for axis, row in zip(axes, rows, strict=False):
            axis.bar(np.arange(10), 100 * np.asarray(row["lost_shares"]), width=0.82, color=ACCENT)
            axis.axhline(100 * row["lost_share"], color=TRUTH, linewidth=0.8)
            axis.set_title(f"{_title(row)}\nbends by {row['distance']:.3f}", fontsize=7, fontweight="normal")
            axis.set_xticks([])
            axis.tick_params(labelsize=6.5)
            axis.grid(visible=False)
        drawn.supxlabel("tenths of the prior, lowest values left; the line is the mean", fontsize=8)
        drawn.supylabel("draws lost, %", fontsize=8)
    return drawn


def in_common(rows: Sequence[Row]) -> Figure:
    """What draws next to each other have in common, by variable: nothing where they are independent."""
    from sgnn.corpus.audit.neighbours import MATERIAL

    shown = sorted(rows, key=lambda row: -abs(row["strength"]))[:_NAMES]
    with style():
        drawn = figure(WIDTH, 0.24 * len(shown) + 0.8)
        axis = drawn.subplots()
        strengths = np.array([100 * abs(row["strength"]) for row in shown])
        colours = [ACCENT if one >= 100 * MATERIAL else MODEL for one in strengths]
        axis.barh(np.arange(len(shown)), strengths, color=colours, height=0.6)
        axis.axvline(100 * MATERIAL, color=MUTED, linewidth=0.8, linestyle="--")
        axis.set_yticks(np.arange(len(shown)), [row["variable"] for row in shown], fontsize=8)
        for place, row in enumerate(shown):
            said = f" {row['apart']} apart" + (f", shifted by {abs(row['shift'])}" if row["shift"] else "")
            axis.text(strengths[place], place, said, va="center", fontsize=7, color=MUTED)
        axis.set_xlim(0, 1.2 * max(100 * MATERIAL, strengths.max()))
        axis.set_xlabel("changes in common with neighbours, %; a finding beyond the dashed line, where it is sure")
        axis.invert_yaxis()
        axis.grid(visible=False)
    return drawn


def gaps(rows: Sequence[Row]) -> Figure:
    """Share of values of each variable that are missing or zero."""
    shown = sorted(rows, key=lambda row: -(row["missing_share"] + row["zero_share"]))[:_NAMES]
    with style():
        drawn = figure(WIDTH, 0.24 * len(shown) + 0.9)
        axis = drawn.subplots()
        places = np.arange(len(shown))
        missing = np.array([100 * row["missing_share"] for row in shown])
        zero = np.array([100 * row["zero_share"] * (1 - row["missing_share"]) for row in shown])
        axis.barh(places, missing, color=ACCENT, height=0.6, label="missing")
        axis.barh(places, zero, left=missing, color=MODEL, alpha=0.55, height=0.6, label="zero")
        axis.set_yticks(places, [row["variable"] for row in shown], fontsize=8)
        axis.set_xlim(0, 100)
        axis.set_xlabel("values, %")
        axis.invert_yaxis()
        axis.grid(visible=False)
        axis.legend(fontsize=7.5, loc="lower right", ncols=2)
    return drawn


def _panels(number: int, height: float) -> tuple[Figure, Sequence[Any]]:
    lines = -(-number // _COLUMNS)
    drawn = figure(WIDTH, height * lines + 0.35)
    axes = drawn.subplots(lines, _COLUMNS, squeeze=False)
    for axis in axes.flat[number:]:
        axis.set_visible(False)
    return drawn, list(axes.flat)


def _title(row: Row) -> str:
    return f"{row['parameter']}\n{row['mechanism'].rpartition('.')[2]}"
