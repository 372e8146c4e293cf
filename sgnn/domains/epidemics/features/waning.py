"""Waning immunity: the removed become susceptible again."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import LogUniform, Parameter, Uniform

WANING = Feature(
    name="waning",
    description="immunity is lost at a constant rate",
    parameters={
        "waning_rate": Parameter(
            Uniform(0.001, 0.0075), unit="1/day", description="rate of losing immunity", source="Mantis prior"
        )
    },
    inert={"waning_rate": 0.0},
)

DEMOGRAPHY = Feature(
    name="demography",
    description="births of susceptible people balanced by deaths from other causes",
    parameters={
        "birth_rate": Parameter(
            LogUniform(2e-5, 1.2e-4), unit="1/day", description="per-capita birth and death rate", source="Mantis prior"
        )
    },
    inert={"birth_rate": 0.0},
)
