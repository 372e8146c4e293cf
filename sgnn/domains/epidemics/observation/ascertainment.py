"""Ascertainment: few of the first cases are found, for nobody looks, and ever more as tests become common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.observation.report import thinned
from sgnn.domains.epidemics.observation.switch import present
from sgnn.simulation import LogUniform, ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform


class Ascertainment(ObservationOperator):
    """Keep ``first_share`` of the counts at first and all of them once testing is up, along a logistic ramp.

    What is counted then is the share that stages before this one report.
    """

    name = "epidemics.ascertainment"
    version = "1"

    def prior(self) -> Prior:
        """Switch, share of the counts found at first, middle and width of the ramp."""
        return Prior(
            {
                "present": present(0.5, "testing that grows"),
                "first_share": Parameter(
                    LogUniform(0.03, 0.8),
                    description="share of the counts found at first, relative to that once testing is up",
                    source="COVID-19 in spring 2020: one case in tens found at first",
                ),
                "middle_day": Parameter(
                    Uniform(0.0, 60.0), unit="day", description="middle of the ramp", source="the first two months"
                ),
                "width": Parameter(
                    Uniform(2.0, 15.0), unit="day", description="width of the ramp", source="days to weeks"
                ),
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, day) that are found."""
        first = np.where(theta["present"] > 0.5, theta["first_share"], 1.0)
        ramp = (first, np.ones(len(streams)), theta["middle_day"], theta["width"])
        # copies, which may be written: for counts that may not, the kernel would be compiled once more
        counts = np.array(data[self.variable], dtype=np.float64)
        return {self.variable: thinned(counts, *ramp, streams.draws, streams.key("tests"))}
