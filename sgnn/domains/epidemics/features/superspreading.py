"""Superspreading: few people infect many."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import LogUniform, Parameter

SUPERSPREADING = Feature(
    name="superspreading",
    description="negative binomial offspring: each infectious person's force is Gamma distributed",
    parameters={
        "offspring_dispersion": Parameter(
            LogUniform(0.05, 2.0),
            description="dispersion k of the offspring distribution (small: few infect many)",
            source="Lloyd-Smith et al. 2005; COVID-19 estimates 0.1-0.6",
        )
    },
    inert={"offspring_dispersion": 1e12},
)
