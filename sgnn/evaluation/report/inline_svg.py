"""Figures inside a page: their names made unique, their colours taken from the page, which may be light or dark."""

from __future__ import annotations

import re

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from sgnn.evaluation.figures import style
from sgnn.evaluation.report.blocks import Picture
from sgnn.evaluation.report.corpus_figures import bins_of

_COLOURS = {
    style.INK: "--ink",
    style.MUTED: "--muted",
    style.GRID: "--line",
    style.MODEL: "--model",
    style.ACCENT: "--accent",
    **{colour: f"--other-{at}" for at, colour in enumerate(style.OTHERS) if colour != style.MUTED},
}
_HEAD = re.compile(r"<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_SIZE = re.compile(r'<svg\b[^>]*?\bwidth="([\d.]+)pt" height="([\d.]+)pt"')
_PIXELS_PER_POINT = 96 / 72


def picture(drawn: Figure, name: str, words: str, caption: str = "", *, narrow: bool = False) -> Picture:
    """The figure as a part of a page. ``name`` sets its inner names apart from those of other figures.

    ``narrow`` keeps it at its own width, so that its letters are no larger than the page's.
    """
    text = _HEAD.sub("", style.svg(drawn))
    width = float(_SIZE.search(text).group(1)) * _PIXELS_PER_POINT  # type: ignore[union-attr]
    text = _SIZE.sub("<svg", text, count=1)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'href="#', f'href="#{name}-', text).replace("url(#", f"url(#{name}-")
    for colour, variable in _COLOURS.items():
        text = text.replace(colour, f"var({variable})")
    text = re.sub(r"(fill|stroke): #ffffff", r"\1: none", text)
    return Picture(Markup(text), words, caption, round(width) if narrow else 0)


def bars(values: np.ndarray) -> Markup:
    """A histogram as small as a word, for the cell of a table that tells its quantiles as well."""
    counts, _ = np.histogram(values, bins=bins_of(values))
    heights = np.round(22 * counts / counts.max(), 1)
    steps = "".join(f"V{24 - height:g}h4" for height in heights)
    return Markup(f'<svg class="bars" viewBox="0 0 96 24" aria-hidden="true"><path d="M0 24{steps}V24Z"/></svg>')
