"""Whether draws that failed or were quarantined bend the prior: parameter by parameter, mechanism by mechanism."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sgnn.corpus.reader import Corpus

FEWEST = 5
"""Lost draws below which a distribution is not compared."""


@dataclass(frozen=True)
class MechanismLoss:
    """Draws of a mechanism, and how many of them are not ok."""

    mechanism: str
    draws: int
    failed: int
    quarantined: int


@dataclass(frozen=True)
class ParameterShift:
    """How far the parameter's distribution among ok draws is from that among all draws of a mechanism."""

    mechanism: str
    parameter: str
    distance: float
    """Largest difference of the two distribution functions (Kolmogorov-Smirnov), 0 to 1: the bend of the prior."""
    p_value: float
    """Chance of such a difference between ok and lost draws if losing a draw did not depend on the parameter."""


@dataclass(frozen=True)
class Audit:
    """Losses by mechanism, and shifts of parameters, the largest first."""

    losses: tuple[MechanismLoss, ...]
    shifts: tuple[ParameterShift, ...]


def audit(corpus: Corpus) -> Audit:
    """Losses of a corpus and what they do to its prior; parameters of mechanisms that lost none are not shown.

    Two-sample Kolmogorov-Smirnov test (Hodges 1958, asymptotic) between ok and lost draws; since the latter are a share
    of all draws, the bend is that share of their difference.
    """
    names = ("theta", "mechanism", "status")
    blocks = [corpus.read(block, names) for block in corpus.blocks]
    theta, mechanism, status = (np.concatenate([block[name] for block in blocks]) for name in names)
    losses, shifts = [], []
    for index, name in enumerate(corpus.schema.mechanisms):
        own = mechanism == index
        losses.append(MechanismLoss(name, int(own.sum()), int((status[own] == 1).sum()), int((status[own] == 2).sum())))
        lost = own & (status != 0)
        if lost.sum() < FEWEST or (own & ~lost).sum() < FEWEST:
            continue
        for column, parameter in enumerate(corpus.schema.parameters):
            if np.isfinite(theta[own, column]).all():
                shift = _shift(theta[own & ~lost, column], theta[lost, column])
                shifts.append(ParameterShift(name, parameter.name, *shift))
    return Audit(tuple(losses), tuple(sorted(shifts, key=lambda shift: -shift.distance)))


def _shift(
    kept: np.ndarray[tuple[int], np.dtype[np.float64]], lost: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> tuple[float, float]:
    """Distance between ok and all draws, and p-value of the difference between ok and lost ones."""
    from scipy.stats import ks_2samp

    test = ks_2samp(kept, lost, method="asymp")
    share = len(lost) / (len(kept) + len(lost))
    return float(test.statistic) * share, float(test.pvalue)
