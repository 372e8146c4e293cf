"""Variants: new strains that spread faster, escape immunity or are more severe."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import LogUniform, Parameter, Uniform

VARIANTS = Feature(
    name="variants",
    description="up to two later strains, each introduced once",
    parameters={
        "variant_1_day": Parameter(
            Uniform(-150.0, 700.0),
            unit="day",
            description="day the first variant arrives (recorded time)",
            source="any time in the series",
        ),
        "variant_1_transmissibility": Parameter(
            Uniform(1.05, 2.0), description="transmissibility relative to the first strain", source="Alpha about 1.5"
        ),
        "variant_1_escape": Parameter(
            LogUniform(0.005, 0.5), description="share of the immune it can infect", source="wide"
        ),
        "variant_1_severity": Parameter(
            LogUniform(0.4, 2.0),
            description="P(hospital) relative to the first strain",
            source="Omicron 0.3-0.5, Delta 1.5-2",
        ),
        "variant_2_interval": Parameter(
            Uniform(60.0, 500.0),
            unit="day",
            description="days from the first variant to the second",
            source="Alpha to Delta about 180 days",
        ),
        "variant_2_transmissibility": Parameter(
            Uniform(1.05, 2.0),
            description="transmissibility relative to the first variant",
            source="Delta about 1.5 times Alpha",
        ),
        "variant_2_escape": Parameter(
            LogUniform(0.005, 0.6), description="share of the immune it can infect", source="wide"
        ),
        "variant_2_severity": Parameter(
            LogUniform(0.4, 2.0), description="P(hospital) relative to the first variant", source="Delta 1.5-2"
        ),
    },
    inert={
        "variant_1_day": 1e9,
        "variant_1_transmissibility": 1.0,
        "variant_1_escape": 0.0,
        "variant_1_severity": 1.0,
        "variant_2_interval": 1e9,
        "variant_2_transmissibility": 1.0,
        "variant_2_escape": 0.0,
        "variant_2_severity": 1.0,
    },
)
