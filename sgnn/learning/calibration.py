"""Quantiles moved to hold what they say: split-conformal factors of their distance from the median."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FEWEST = 500
"""Draws below which nothing is moved: the factors of outer levels would be more chance than they mend."""
_LEAST = 1e-9
"""Distance from the median below which none is told apart."""
_MOST = 2.0
"""Factors lie between its inverse and it: what is further off is no matter of width."""


@dataclass(frozen=True)
class Calibration:
    """Factors (quantile,) of each quantity's quantiles, by group of draws.

    ``by`` names an indicator that may be told beside the data: ``unknown``, ``0`` and ``1`` are then groups of their
    own; without it all draws are of the group ``unknown``. ``draws`` says how many each group was fitted to.
    """

    factors: Mapping[str, Mapping[str, tuple[float, ...]]]
    draws: Mapping[str, int]
    by: str = ""

    def apply(self, quantity: str, quantiles: Array, indicator: Array | None = None) -> Array:
        """Moved quantiles (draw, …, quantile) of a quantity, on the scale on which it is learnt.

        ``indicator`` (draw,) has the values of ``by``, NaN where unknown. What was not fitted stays as it is.
        """
        known = self.factors.get(quantity, {})
        moved = quantiles.copy()
        names = groups_of(np.full(len(quantiles), np.nan) if indicator is None else indicator)
        for name, factors in known.items():
            rows = names == name
            moved[rows] = scaled(quantiles[rows], np.array(factors))
        return moved

    def to_json(self) -> dict[str, Any]:
        """As JSON; `calibration_of` reads it."""
        factors = {
            quantity: {group: [float(f"{one:.6g}") for one in own] for group, own in groups.items()}
            for quantity, groups in self.factors.items()
        }
        return {"by": self.by, "draws": dict(self.draws), "factors": factors}


def calibration_of(document: Mapping[str, Any]) -> Calibration:
    """What `Calibration.to_json` gave."""
    factors = {
        quantity: {group: tuple(own) for group, own in groups.items()}
        for quantity, groups in document["factors"].items()
    }
    return Calibration(factors, dict(document["draws"]), document["by"])


def groups_of(indicator: Array) -> NDArray[np.str_]:
    """Group (draw,) of each value of an indicator: ``unknown`` for NaN, else ``0`` or ``1``, whichever is nearer."""
    return np.where(np.isnan(indicator), "unknown", np.where(indicator > 0.5, "1", "0"))


def scaled(quantiles: Array, factors: Array) -> Array:
    """Quantiles (…, quantile), their distances from the median multiplied by factors (quantile,), in rising order."""
    median = quantiles[..., len(factors) // 2, None]
    # where factors would let quantiles cross they change places: Chernozhukov, Fernandez-Val & Galichon (2010)
    return np.asarray(np.sort(median + factors * (quantiles - median), axis=-1))


def conformal_factors(quantiles: Array, levels: Array, truth: Array) -> Array | None:
    """Factors (quantile,) after which quantiles (draw, quantile) hold what they say of draws like these.

    Of each level the factor is the least by which the distance of its quantile from the median covers
    ``ceil((n + 1) p)`` of ``n`` truths (draw,) on its side, with ``p`` the level or what is left of one below the
    median: a new draw is beyond it at most as often as it says (split conformal prediction, Vovk et al. 2005; scaled
    scores as in Lei et al. 2018), as long as the factor is not held at a half or at two. The median stays, and no
    quantile passes it. Draws with NaN are left out; None for fewer than `FEWEST`.
    """
    known = np.isfinite(quantiles).all(axis=1) & np.isfinite(truth)
    own, aim = quantiles[known], truth[known]
    if len(aim) < FEWEST:
        return None
    middle = len(levels) // 2
    factors = np.ones(len(levels))
    for at, level in enumerate(levels):
        if at == middle:
            continue
        side = 1.0 if at > middle else -1.0
        distance = np.maximum(side * (own[:, at] - own[:, middle]), _LEAST)
        scores = np.sort(side * (aim - own[:, middle]) / distance)
        # a share such as 0.95 of 20 is no more than 19
        rank = int(np.ceil(round((len(aim) + 1) * (level if side > 0 else 1.0 - level), 9)))
        factors[at] = np.clip(scores[min(rank, len(aim)) - 1], 1.0 / _MOST, _MOST)
    return factors
