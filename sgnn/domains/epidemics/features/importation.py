"""Importation: infections arrive from outside."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import LogUniform, Parameter

IMPORTATION = Feature(
    name="importation",
    description="infected travellers arrive as a Poisson process",
    parameters={
        "import_rate": Parameter(
            LogUniform(0.01, 5.0),
            unit="people/day",
            description="infections imported per day",
            source="Mantis prior log-U(0.01, 0.5), widened for places that travel more",
        )
    },
    inert={"import_rate": 0.0},
)
