"""Live scores over time, with the band that they should lie in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sgnn.evaluation.figures.style import ACCENT, MODEL, MUTED, figure, short_dates, style

if TYPE_CHECKING:
    from sgnn.evaluation.dashboard.content import LivePoint


def live_over_time(points: Sequence[LivePoint]) -> Figure:
    """Coverage of 90 % intervals and relative WIS of one model by origin; what lay outside of its band stands out.

    Needs one point or more.
    """
    with style():
        drawn = figure(8.6, 2.5)
        left, right = drawn.subplots(1, 2)
        at = np.array([one.origin for one in points], dtype="datetime64[D]")
        bands = [one.band for one in points]
        _band(left, at, [(one.coverage_low, min(one.coverage_high, 1.0)) if one else None for one in bands])
        _curve(left, at, [one.coverage for one in points], [bool(one.flags) for one in points])
        left.axhline(0.9, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        left.set_ylim(0, 1.03)
        left.set_title("Coverage of 90 % intervals")
        _band(right, at, [(0.0, one.relative_wis) if one else None for one in bands])
        _curve(right, at, [one.relative_wis for one in points], [bool(one.flags) for one in points])
        right.axhline(1.0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        right.set_ylim(bottom=0)
        right.set_title("Relative WIS (last value = 1)")
        for axis in (left, right):
            # the first and the last point are not cut
            margin = max((at[-1] - at[0]) / 20, np.timedelta64(3, "D"))
            axis.set_xlim(at[0] - margin, at[-1] + margin)
            short_dates(axis)
    return drawn


def _band(axis: Axes, at: np.ndarray, bounds: Sequence[tuple[float, float] | None]) -> None:
    low, high = np.array([one or (np.nan, np.nan) for one in bounds], dtype=np.float64).T
    if len(at) == 1 and np.isfinite(low).all():
        axis.axhspan(low[0], high[0], color=MODEL, alpha=0.1, linewidth=0)
    else:
        axis.fill_between(at, low, high, color=MODEL, alpha=0.1, linewidth=0, step="mid")


def _curve(axis: Axes, at: np.ndarray, values: Sequence[float | None], flagged: Sequence[bool]) -> None:
    heights = np.array([np.nan if one is None else one for one in values], dtype=np.float64)
    out = np.array(flagged, dtype=bool)
    axis.plot(at, heights, color=MODEL, linewidth=1.6)
    axis.plot(at[~out], heights[~out], "o", color=MODEL, markersize=4)
    axis.plot(at[out], heights[out], "D", color=ACCENT, markersize=5.5)
