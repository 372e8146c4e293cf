"""Vaccination: a roll-out that protects from infection, and the frail first from severe disease."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import LogUniform, Parameter, Uniform

VACCINATION = Feature(
    name="vaccination",
    description="vaccination at a constant pace up to a final coverage; severity falls faster than it rises",
    parameters={
        "vaccination_start": Parameter(
            Uniform(-100.0, 700.0),
            unit="day",
            description="first day of the roll-out (recorded time)",
            source="any time in the series",
        ),
        "vaccination_pace": Parameter(
            LogUniform(0.0008, 0.01),
            unit="1/day",
            description="share of the population vaccinated per day",
            source="US states in 2021: 0.002-0.006",
        ),
        "vaccination_coverage": Parameter(
            Uniform(0.3, 0.95), description="final share vaccinated", source="US states: 0.45-0.8"
        ),
        "vaccine_efficacy": Parameter(
            Uniform(0.2, 0.95),
            description="share of the vaccinated protected from infection",
            source="trials and waning against variants",
        ),
        "vaccine_severe_efficacy": Parameter(
            Uniform(0.5, 0.97),
            description="reduction of severe outcomes at full coverage",
            source="COVID-19 vaccines against death 0.7-0.97",
        ),
        "vaccine_targeting": Parameter(
            Uniform(1.0, 4.0),
            description="exponent by which protection of the frail runs ahead of coverage",
            source="elderly first",
        ),
    },
    inert={
        "vaccination_start": 1e9,
        "vaccination_pace": 0.0,
        "vaccination_coverage": 0.0,
        "vaccine_efficacy": 0.0,
        "vaccine_severe_efficacy": 0.0,
        "vaccine_targeting": 1.0,
    },
)
