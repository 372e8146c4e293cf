"""Latent period: people are infected before they infect."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import Parameter, Uniform

LATENCY = Feature(
    name="latency",
    description="an exposed compartment left at a constant rate",
    parameters={
        "latent_rate": Parameter(
            Uniform(0.2, 0.4), unit="1/day", description="rate of becoming infectious", source="Mantis prior"
        )
    },
    inert={"latent_rate": 0.0},
)
