"""A graph as it is drawn: what hangs together, what of it was reached, and where it began."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Portrait:
    """Ties (tie, 2) between the places of nodes; whether each node (node,) is known to be reached.

    ``began`` (node,) says where it began, None where that is not known: of data, not of a simulation.
    """

    ties: NDArray[np.int64]
    reached: NDArray[np.bool_]
    began: NDArray[np.bool_] | None
