"""A simulator of counts that takes as long a draw as SLOW_WALKS_SECONDS says.

The time is no setting of the recipe, so that a slow corpus and a quick one are the same corpus.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from sgnn.simulation import Dimension, LogUniform, Parameter, Prior, ScalarSimulator, Uniform, Variable

WEEKS = 60


class SlowWalk(ScalarSimulator):
    """Counts around a random walk of their logarithm; above `fails_above` counts a draw fails."""

    name = "slow.walk"
    version = "1"

    def __init__(self, fails_above: float = 1e7) -> None:
        self.fails_above = fails_above

    def prior(self) -> Prior:
        """Where the walk begins, and how far it steps."""
        return Prior(
            {
                "start": Parameter(LogUniform(10.0, 3000.0), unit="count"),
                "step": Parameter(Uniform(0.05, 0.4), unit="1/week"),
            }
        )

    def dimensions(self) -> tuple[Dimension, ...]:
        """Weeks."""
        return (Dimension("week", WEEKS, unit="week"),)

    def variables(self) -> tuple[Variable, ...]:
        """Counts a week."""
        return (Variable("counts", ("week",), "float32", "count", "observable", "weekly counts"),)

    def simulate_one(self, theta: Mapping[str, float], generator: np.random.Generator) -> Mapping[str, Any]:
        """One walk."""
        time.sleep(float(os.environ.get("SLOW_WALKS_SECONDS", "0")))
        level = np.log(theta["start"]) + np.cumsum(generator.normal(0.0, theta["step"], WEEKS))
        counts = generator.poisson(np.exp(np.clip(level, None, 15.0)))
        if counts.max() > self.fails_above:
            raise ValueError(f"counts above {self.fails_above:g}")
        return {"counts": counts}
