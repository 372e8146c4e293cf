"""Backfill, rounding and suppression: what is done to weekly counts before they are published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.observation.switch import present
from sgnn.simulation import Categorical, ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform


class Backfill(ObservationOperator):
    """The last weeks of the record are incomplete, as on the day of publication: revisions come later."""

    name = "epidemics.backfill"
    version = "1"

    def prior(self) -> Prior:
        """Switch, share of the last week known, and how fast the rest arrives."""
        return Prior(
            {
                "present": present(0.3, "backfill"),
                "known": Parameter(
                    Uniform(0.3, 1.0),
                    description="share of the last week's count known at once",
                    source="US deaths by date of death",
                ),
                "pace": Parameter(
                    Uniform(0.3, 0.9),
                    unit="1/week",
                    description="share of what is unknown that arrives each week",
                    source="weeks to months",
                ),
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, week) as known in the last week."""
        counts = data[self.variable]
        age = np.arange(counts.shape[1])[::-1]
        unknown = (theta["present"] * (1.0 - theta["known"]))[:, None] * (1.0 - theta["pace"])[:, None] ** age
        return {self.variable: np.where(unknown > 1e-3, np.floor(counts * (1.0 - unknown)), counts).astype(np.float32)}


class Rounding(ObservationOperator):
    """Counts published as multiples of five or ten."""

    name = "epidemics.rounding"
    version = "1"

    def prior(self) -> Prior:
        """The unit of rounding."""
        return Prior(
            {
                "unit": Parameter(
                    Categorical((1.0, 5.0, 10.0), (0.94, 0.04, 0.02)),
                    unit="people",
                    description="counts are multiples of this",
                    source="disclosure rules",
                )
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Rounded counts (batch, week)."""
        unit = theta["unit"][:, None]
        return {self.variable: (np.floor(data[self.variable] / unit + 0.5) * unit).astype(np.float32)}


class SmallCounts(ObservationOperator):
    """Counts below a limit published as zero, to protect the few."""

    name = "epidemics.small_counts"
    version = "1"

    def prior(self) -> Prior:
        """The smallest count published."""
        return Prior(
            {
                "smallest": Parameter(
                    Categorical((1.0, 3.0, 5.0, 10.0), (0.92, 0.03, 0.03, 0.02)),
                    unit="people",
                    description="smaller counts become 0",
                    source="disclosure rules",
                )
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, week) with small ones at 0."""
        counts = data[self.variable]
        return {
            self.variable: np.where(counts < theta["smallest"][:, None], np.float32(0.0), counts).astype(np.float32)
        }
