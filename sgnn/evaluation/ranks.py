"""Simulation-based calibration: where the truth stands among the quantiles of its posterior, and whether it may."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


def rank_cells(quantiles: Array, levels: Array, truth: Array) -> Array:
    """How many truths (…) lie between which quantiles (…, quantile): counts (quantile + 1,).

    Of calibrated answers each cell holds the share that its levels say: Talts et al. (2018), with quantiles in place of
    posterior draws. A truth that equals several quantiles, as a count of 0 does, is shared out among the cells between
    them. What is not finite is left out.
    """
    known = np.isfinite(quantiles).all(axis=-1) & np.isfinite(truth)
    own, values = quantiles[known], truth[known][:, None]
    below, upto = (own < values).sum(axis=1), (own <= values).sum(axis=1)
    expected = cell_shares(levels)
    cells = np.zeros(len(expected))
    tied = upto - below >= 2
    # one quantile that is met exactly: half to either side
    for side in (below[~tied], upto[~tied]):
        np.add.at(cells, side, 0.5)
    for low, high in zip(below[tied] + 1, upto[tied], strict=True):
        cells[low:high] += expected[low:high] / expected[low:high].sum()
    return cells


def cell_shares(levels: Array) -> Array:
    """Share (quantile + 1,) of the truths that lies in each cell where answers are calibrated."""
    return np.diff(np.concatenate([[0.0], levels, [1.0]]))


def rank_p_value(cells: Array, levels: Array) -> float | None:
    """Probability of cells as uneven as these by chance, by Pearson's test; None for fewer than 100 truths.

    It holds where answers are independent: of simulated draws, not of forecasts from neighbouring weeks. Cells are
    joined until each is expected to hold five.
    """
    number = float(cells.sum())
    if number < 100:
        return None
    seen, expected = _joined(cells, number * cell_shares(levels))
    return float(stats.chisquare(seen, expected * seen.sum() / expected.sum()).pvalue)


def _joined(seen: Array, expected: Array) -> tuple[Array, ...]:
    groups = np.zeros(len(seen), dtype=np.int64)
    group, held = 0, 0.0
    for at, one in enumerate(expected):
        groups[at] = group
        held += one
        if held >= 5.0:
            group, held = group + 1, 0.0
    # what is left over at the end joins the last whole group
    groups = np.minimum(groups, max(group - 1, 0))
    size = int(groups.max()) + 1
    return tuple(np.bincount(groups, one, size).astype(np.float64) for one in (seen, expected))
