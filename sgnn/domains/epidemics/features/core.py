"""What every epidemic has: people, transmission, recovery, and a beginning."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import Beta, LogUniform, Parameter, Uniform

CORE = Feature(
    name="core",
    description="a population of susceptible, infectious and removed people",
    parameters={
        "population": Parameter(
            LogUniform(5e4, 4e7), unit="people", description="population size N", source="Mantis prior"
        ),
        "r0": Parameter(
            LogUniform(0.8, 5.0),
            description="basic reproduction number in a fully susceptible population",
            source="covers the published beta U(0.20, 0.235)/day over recovery U(0.10, 0.33)/day and variants above it",
        ),
        "recovery_rate": Parameter(
            Uniform(0.10, 0.33), unit="1/day", description="rate of leaving infectiousness", source="Mantis prior"
        ),
        "immune_share": Parameter(
            Beta(1.0, 1.3),
            description="share immune at the start",
            source="Mantis prior U(0, 1), tilted to lower shares",
        ),
        "infected_share": Parameter(
            LogUniform(1e-6, 5e-3),
            description="share infected at the start",
            source="one seed in a million to a running epidemic",
        ),
        "burn_in": Parameter(
            Uniform(0.0, 300.0),
            unit="day",
            description="days simulated before the first recorded day",
            source="real series start mid-epidemic",
        ),
    },
    inert={},
)
