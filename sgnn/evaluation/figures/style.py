"""How figures look: one palette, few lines, words that can be read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, MUTED, GRID = "#1f2933", "#7b8794", "#e4e7eb"
MODEL, TRUTH, ACCENT = "#2563ab", "#1f2933", "#c2410c"
OTHERS = ("#7b8794", "#a16207", "#0f766e", "#7c3aed", "#be185d")

_SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "sgnn",
    "path.simplify_threshold": 0.5,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the project's style, leaving Matplotlib's settings as they were."""
    with mpl.rc_context(_SETTINGS):
        yield


def figure(width: float, height: float) -> Figure:
    """An empty figure of that many inches, with a layout that fits its labels."""
    return Figure(figsize=(width, height), layout="constrained")


def short_dates(axis: Axes) -> None:
    """Dates along the axis in as few words as tell them apart."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=7)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))  # type: ignore[no-untyped-call]


def svg(drawn: Figure) -> str:
    """The figure as SVG text, without the header that documents of their own have."""
    out = io.StringIO()
    with style():
        drawn.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def png(drawn: Figure, path: Path, dots: int = 150) -> Path:
    """Write the figure as a PNG file."""
    with style():
        drawn.savefig(path, format="png", dpi=dots)
    return path
