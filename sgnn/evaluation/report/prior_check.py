"""Prior predictive check: do real series look like something that the simulators make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SPAN = 30
"""Steps shown on each side of a series' highest value."""
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_LEAST_MEAN = 2.0
_OFFSET = 2.0
_GROWTH_STEPS = 4


@dataclass(frozen=True)
class PriorCheck:
    """Simulated and real series relative to their highest value, and the changes both show.

    ``weeks`` (step,) about the highest value; ``bands`` (level, step) quantiles of simulated series there; ``real``
    (series, step). ``growth`` and ``scatter`` are values of simulated and of real series.
    """

    weeks: Array
    bands: Array
    real: Array
    growth: tuple[Array, Array]
    scatter: tuple[Array, Array]

    @property
    def inside(self) -> float:
        """Share of real values that lie between the 5 and 95 % quantiles of simulated ones, peaks left out."""
        seen = ~np.isnan(self.real) & (self.weeks != 0)
        return float(((self.real >= self.bands[0]) & (self.real <= self.bands[-1]))[seen].mean())


def prior_check(simulated: Array, real: Array) -> PriorCheck | None:
    """Compare simulated (draw, time) with real (series, time) series, each relative to its own highest value.

    Series with a mean below two counts are left out, of both kinds: they are noise alone. Simulated series are cut to
    the length of the real ones. None where nothing is left on either side.
    """
    ours, theirs = lively(simulated[:, : real.shape[1]]), lively(real)
    if not len(ours) or not len(theirs):
        return None
    about = about_peak(ours)
    filled = np.where(np.isnan(about).all(axis=0), 0.0, about)
    return PriorCheck(
        weeks=np.arange(-SPAN, SPAN + 1),
        bands=np.nanquantile(filled, LEVELS, axis=0),
        real=about_peak(theirs),
        growth=(growth(ours), growth(theirs)),
        scatter=(scatter(ours), scatter(theirs)),
    )


def lively(series: Array) -> Array:
    """The series (draw, time) that have values at all, and a mean of at least two."""
    counts = np.isfinite(series).sum(axis=1)
    means = np.nansum(series, axis=1) / np.maximum(counts, 1)
    return np.asarray(series[means >= _LEAST_MEAN])


def about_peak(series: Array) -> Array:
    """Series (draw, step) relative to their highest value, which is at step `SPAN`; NaN beyond their ends."""
    padded = np.pad(series, ((0, 0), (SPAN, SPAN)), constant_values=np.nan)
    peak = np.nanargmax(series, axis=1)
    cut = np.take_along_axis(padded, peak[:, None] + np.arange(2 * SPAN + 1), axis=1)
    return np.asarray(cut / np.nanmax(series, axis=1, keepdims=True))


def growth(series: Array) -> Array:
    """Changes of the damped logarithm over four steps."""
    logs = np.log(series + _OFFSET)
    return _finite(logs[:, _GROWTH_STEPS:] - logs[:, :-_GROWTH_STEPS])


def scatter(series: Array) -> Array:
    """Differences of the damped logarithm from the mean of both neighbours."""
    logs = np.log(series + _OFFSET)
    return _finite(logs[:, 1:-1] - (logs[:, 2:] + logs[:, :-2]) / 2)


def _finite(values: Array) -> Array:
    return np.asarray(values[np.isfinite(values)])
