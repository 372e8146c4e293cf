"""The observed variable as it passes from stage to stage: counts by day, later by week."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sgnn.errors import RecipeError
from sgnn.simulation import Variable

LARGEST = 1e9


def daily_counts(name: str, known: Mapping[str, Variable], source: str, label: str) -> Variable:
    """The observed variable made of a daily ``source``. Raises `RecipeError` where there is none."""
    if source not in known:
        raise RecipeError(
            f"observation stage '{label}' reports '{source}', which no simulator gives",
            remedy=f"there are: {', '.join(known)}",
        )
    return Variable(
        name, known[source].dims, np.float64, "people/day", "observable", f"reported {name}", (0.0, LARGEST)
    )
