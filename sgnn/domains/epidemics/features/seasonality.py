"""Seasonality: transmission follows the year."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import Parameter, Uniform

SEASONALITY = Feature(
    name="seasonality",
    description="log transmission follows harmonics of the year, half-year and quarter-year",
    parameters={
        "season_phase": Parameter(
            Uniform(0.0, 365.0), unit="day", description="day of the yearly peak", source="Mantis prior: any phase"
        ),
        "season_amplitude_1": Parameter(
            Uniform(0.03, 0.35),
            description="amplitude of the 365-day harmonic in log transmission",
            source="Mantis prior U(0.1, 0.5) x U(0.3, 1)",
        ),
        "season_amplitude_2": Parameter(
            Uniform(0.0, 0.15), description="amplitude of the 182.5-day harmonic", source="Mantis prior"
        ),
        "season_amplitude_4": Parameter(
            Uniform(0.0, 0.08), description="amplitude of the 91.25-day harmonic", source="Mantis prior"
        ),
        "season_jitter": Parameter(
            Uniform(0.0, 30.0),
            unit="day",
            description="standard deviation of the yearly shift of the peak",
            source="Mantis prior: up to 30 days",
        ),
    },
    inert={
        "season_phase": 0.0,
        "season_amplitude_1": 0.0,
        "season_amplitude_2": 0.0,
        "season_amplitude_4": 0.0,
        "season_jitter": 0.0,
    },
)
