"""Weeks: daily counts added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.calendar import DAYS_PER_WEEK
from sgnn.errors import RecipeError
from sgnn.simulation import Dimension, ObservationOperator, Outputs, Prior, Streams, Theta, Variable


class Weekly(ObservationOperator):
    """Sums of seven days."""

    name = "epidemics.weekly"
    version = "1"

    def prior(self) -> Prior:
        """No parameters."""
        return Prior({})

    def dimensions(self, known: Mapping[str, Dimension]) -> tuple[Dimension, ...]:
        """The weeks. Raises `RecipeError` where the days are not whole weeks."""
        days = known["day"].size
        if days % DAYS_PER_WEEK:
            raise RecipeError(f"{days} days are not whole weeks", remedy="simulate a multiple of 7 days")
        return (Dimension("week", days // DAYS_PER_WEEK, unit="week", long_name="weeks since the first recorded week"),)

    def variables(self, known: Mapping[str, Variable]) -> tuple[Variable, ...]:
        """The variable by week."""
        before = super().variables(known)[0]
        return (replace(before, dims=("week",), dtype=np.float32, unit="people/week"),)

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Sums (batch, week)."""
        daily = data[self.variable]
        weeks = daily.reshape(daily.shape[0], -1, DAYS_PER_WEEK)
        return {self.variable: weeks.sum(axis=2).astype(np.float32)}
