"""The control: series that look like counts but know no epidemiology.

Random walks, autoregressions and trends with a season, in place of the epidemic mechanisms and with the same outputs,
so that everything else (observation, network, training, benchmark) is the same. Admissions are a scaled copy of deaths
that leads by a random number of days: the association is there, the mechanism is not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.calendar import DAYS_PER_WEEK, days_and_weeks
from sgnn.simulation import Dimension, LogUniform, Parameter, Prior, Simulator, Streams, Uniform, Variable
from sgnn.simulation.compiled import outer
from sgnn.simulation.random import normal, open_stream, poisson

_LONGEST_LEAD = 35


@outer
def _levels(
    persistence: float, sd: float, trend: float, amplitude: float, phase: float, stream: np.ndarray, out: np.ndarray
) -> None:
    """Log level by day: an autoregression (persistence 1: a random walk), a trend and a yearly season."""
    state = 0.0
    for day in range(out.shape[0]):
        state = persistence * state + sd * normal(stream)
        out[day] = (
            state + trend * (day - 0.5 * out.shape[0]) + amplitude * math.cos(2.0 * math.pi * (day - phase) / 365.0)
        )


@outer
def _counts(table: np.ndarray, draws: np.ndarray, key: np.uint64, deaths: np.ndarray, admissions: np.ndarray) -> None:
    days = deaths.shape[1]
    log_level = np.empty(days + _LONGEST_LEAD)
    for row in range(table.shape[0]):
        stream = open_stream(key, draws[row])
        level, persistence, sd, trend, amplitude, phase, lead, ratio = table[row]
        _levels(persistence, sd, trend, amplitude, phase, stream, log_level)
        for day in range(days):
            deaths[row, day] = poisson(stream, min(level * math.exp(log_level[day]), 1e6))
            ahead = log_level[min(day + int(lead), days + _LONGEST_LEAD - 1)]
            admissions[row, day] = poisson(stream, min(level * ratio * math.exp(ahead), 1e6))


class NonMechanistic(Simulator):
    """Shared parts of the three non-mechanistic processes; parameters a subclass lacks take its ``fixed`` values."""

    version = "1"
    own: Mapping[str, Parameter] = {}
    fixed: Mapping[str, float] = {}

    def __init__(self, weeks: int = 120) -> None:
        self.weeks = int(weeks)

    def prior(self) -> Prior:
        """Level, lead and ratio of the two channels, and the process's own parameters."""
        return Prior(
            {
                "level": Parameter(
                    LogUniform(0.05, 100.0),
                    unit="deaths/day",
                    description="typical deaths",
                    source="US states 2020-2021",
                ),
                "admission_lead": Parameter(
                    Uniform(0.0, 30.0), unit="day", description="days by which admissions lead deaths", source="wide"
                ),
                "admission_ratio": Parameter(
                    LogUniform(2.0, 20.0),
                    description="admissions per death",
                    source="P(death given hospital) U(0.05, 0.3)",
                ),
                **self.own,
            }
        )

    def dimensions(self) -> tuple[Dimension, ...]:
        """Recorded days and weeks."""
        return days_and_weeks(self.weeks)

    def variables(self) -> tuple[Variable, ...]:
        """Daily deaths and admissions before observation."""
        return tuple(
            Variable(name, ("day",), np.dtype(np.int32), "people/day", "latent", long_name, valid_range=(0.0, 4e7))
            for name, long_name in (("deaths_daily", "deaths"), ("admissions_daily", "hospital admissions"))
        )

    def simulate(self, theta: Mapping[str, NDArray[np.float64]], streams: Streams) -> dict[str, NDArray[np.generic]]:
        """Counts of a batch, each output (batch, day)."""
        batch = len(streams.draws)
        names = ("level", "persistence", "sd", "trend", "amplitude", "phase", "admission_lead", "admission_ratio")
        table = np.stack([np.asarray(theta[n]) if n in theta else np.full(batch, self.fixed[n]) for n in names], axis=1)
        deaths = np.zeros((batch, self.weeks * DAYS_PER_WEEK), np.int32)
        admissions = np.zeros_like(deaths)
        _counts(table, streams.draws, np.uint64(streams.key("counts")), deaths, admissions)
        return {"deaths_daily": deaths, "admissions_daily": admissions}


_SD = Parameter(
    LogUniform(0.005, 0.08),
    unit="1/sqrt(day)",
    description="daily standard deviation of the log level",
    source="1-21 % a day",
)
_PHASE = Parameter(Uniform(0.0, 365.0), unit="day", description="day of the yearly peak", source="any")


class RandomWalkSeries(NonMechanistic):
    """A random walk of the log level."""

    name = "epidemics.nonmechanistic_walk"
    own = {"sd": _SD}
    fixed = {"persistence": 1.0, "trend": 0.0, "amplitude": 0.0, "phase": 0.0}


class AutoregressiveSeries(NonMechanistic):
    """A first-order autoregression of the log level."""

    name = "epidemics.nonmechanistic_autoregression"
    own = {
        "sd": _SD,
        "persistence": Parameter(
            Uniform(0.9, 0.999), description="daily autocorrelation", source="memory of 10 days to 3 years"
        ),
    }
    fixed = {"trend": 0.0, "amplitude": 0.0, "phase": 0.0}


class SeasonalTrendSeries(NonMechanistic):
    """A linear trend with a yearly season and autoregressive noise."""

    name = "epidemics.nonmechanistic_season"
    own = {
        "sd": _SD,
        "persistence": Parameter(Uniform(0.5, 0.99), description="daily autocorrelation of the noise", source="wide"),
        "trend": Parameter(
            Uniform(-0.004, 0.004),
            unit="1/day",
            description="slope of the log level",
            source="doubling in half a year at most",
        ),
        "amplitude": Parameter(
            Uniform(0.1, 2.0),
            description="yearly amplitude of the log level",
            source="COVID-19 waves: a factor of 2 to 50",
        ),
        "phase": _PHASE,
    }
    fixed: Mapping[str, float] = {}
