"""Holiday dips: offices close for a week or two and catch up afterwards."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sgnn.simulation import LogUniform, ObservationOperator, Outputs, Parameter, Prior, Streams, Theta, Uniform
from sgnn.simulation.compiled import inner, outer
from sgnn.simulation.random import open_stream, uniform


@inner
def _dip(rate: float, depth: float, feast: int, caught: float, stream: np.ndarray, out: np.ndarray) -> None:
    waiting, until, share, release = 0.0, -1, 0.0, 0.0
    chance = rate / 365.0
    for day in range(out.shape[0]):
        if day > until and (uniform(stream) < chance or (day % 365) == feast):
            share = depth * (0.5 + uniform(stream))
            until = day + 4 + int(10.0 * uniform(stream))
            release = 1.0 / (4.0 + 12.0 * uniform(stream))
        if day <= until:
            held = math.floor(out[day] * min(share, 0.95))
            out[day] -= held
            waiting += held * caught
        elif waiting > 0.0:
            now = math.floor(waiting * release + uniform(stream))
            now = min(now, math.floor(waiting))
            out[day] += now
            waiting -= now


@outer
def _dipped(
    counts: np.ndarray,
    rate: np.ndarray,
    depth: np.ndarray,
    yearly: np.ndarray,
    caught: np.ndarray,
    draws: np.ndarray,
    key: int,
) -> np.ndarray:
    out = counts.astype(np.float64)
    for row in range(counts.shape[0]):
        stream = open_stream(key, draws[row])
        _dip(rate[row], depth[row], int(yearly[row]), caught[row], stream, out[row])
    return out


class HolidayDip(ObservationOperator):
    """Hold back a share of the reports in short spells, some every year, and release most of it after."""

    name = "epidemics.holiday_dip"
    version = "2"

    def prior(self) -> Prior:
        """Spells a year, share held back, day of a yearly feast, and share reported later."""
        return Prior(
            {
                "rate": Parameter(
                    LogUniform(0.3, 6.0),
                    unit="1/year",
                    description="spells a year",
                    source="public holidays and staff shortages",
                ),
                "depth": Parameter(
                    Uniform(0.05, 0.6),
                    description="share held back, on average",
                    source="Thanksgiving and Christmas 2020: 10-50 %",
                ),
                "feast_day": Parameter(
                    Uniform(0.0, 365.0), unit="day", description="day of the yearly feast", source="any"
                ),
                "caught_up": Parameter(
                    Uniform(0.6, 1.0),
                    description="share of what was held back that is reported later",
                    source="most of it",
                ),
            }
        )

    def observe(self, data: Mapping[str, NDArray[Any]], theta: Theta, streams: Streams) -> Outputs:
        """Counts (batch, day) by day of report."""
        dips = (theta["rate"], theta["depth"], theta["feast_day"], theta["caught_up"])
        return {self.variable: _dipped(data[self.variable], *dips, streams.draws, streams.key("dips"))}
