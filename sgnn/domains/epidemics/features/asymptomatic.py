"""Asymptomatic infection: some people infect others, less, and never show."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import Beta, Parameter

ASYMPTOMATIC = Feature(
    name="asymptomatic",
    description="a share of infections without symptoms, with its own infectiousness",
    parameters={
        "asymptomatic_share": Parameter(
            Beta(3.0, 7.0), description="share of infections without symptoms", source="Mantis prior"
        ),
        "asymptomatic_infectiousness": Parameter(
            Beta(2.0, 5.0), description="infectiousness relative to symptomatic people", source="Mantis prior"
        ),
    },
    inert={"asymptomatic_share": 0.0, "asymptomatic_infectiousness": 1.0},
)
