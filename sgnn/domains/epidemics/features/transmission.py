"""Transmission that drifts: a smooth random walk, or jumps at change-points."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import LogUniform, Parameter, Uniform

RANDOM_WALK = Feature(
    name="random_walk",
    description="log transmission is a smooth walk: an Ornstein-Uhlenbeck process driving another",
    parameters={
        "walk_sd": Parameter(
            Uniform(0.05, 0.5),
            description="stationary standard deviation of log transmission",
            source="wide: contact surveys fell to a fifth in 2020",
        ),
        "walk_memory": Parameter(
            LogUniform(20.0, 300.0),
            unit="day",
            description="time in which the walk forgets its level",
            source="weeks to most of a year",
        ),
        "walk_smoothness": Parameter(
            LogUniform(5.0, 40.0),
            unit="day",
            description="time in which the walk forgets its slope",
            source="days to weeks",
        ),
    },
    inert={"walk_sd": 0.0, "walk_memory": 100.0, "walk_smoothness": 10.0},
)

CHANGE_POINTS = Feature(
    name="change_points",
    description="transmission jumps to a new level at random times",
    parameters={
        "change_rate": Parameter(
            LogUniform(0.5, 5.0),
            unit="1/year",
            description="change-points a year",
            source="Mantis prior: 0-3 change-points a run",
        ),
        "change_sd": Parameter(
            Uniform(0.1, 0.5),
            description="standard deviation of the log level after a change",
            source="covers contact x 0.4 to x 2.5",
        ),
    },
    inert={"change_rate": 0.0, "change_sd": 0.0},
)
