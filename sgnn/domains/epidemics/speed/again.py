"""Drawing a list of random numbers and nothing else: what a simulator that costs nothing besides would take."""

from __future__ import annotations

import numpy as np

from sgnn.simulation.compiled import inner
from sgnn.simulation.random import binomial, exponential, gamma, normal, poisson


@inner
def draw_again(requests: np.ndarray, stream: np.ndarray) -> float:
    """Sum of the numbers asked for by ``requests`` (request, 3): kind (1 binomial to 5 exponential), two arguments."""
    total = 0.0
    for row in range(requests.shape[0]):
        kind, first = requests[row, 0], requests[row, 1]
        if kind == 1.0:
            total += binomial(stream, np.int64(first), requests[row, 2])
        elif kind == 2.0:
            total += poisson(stream, first)
        elif kind == 3.0:
            total += gamma(stream, first)
        elif kind == 4.0:
            total += normal(stream)
        else:
            total += exponential(stream)
    return total
