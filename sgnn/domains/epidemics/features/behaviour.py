"""Behaviour and interventions: people and authorities answer to what they see."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import LogUniform, Parameter, Uniform

BEHAVIOUR = Feature(
    name="behaviour",
    description="contacts fall as recent deaths rise and recover as people tire",
    parameters={
        "awareness_threshold": Parameter(
            LogUniform(0.3, 15.0),
            unit="deaths/million/day",
            description="deaths at which contacts begin to fall",
            source="covers spring 2020 (about 1) to late 2021 (about 10) in US states",
        ),
        "awareness_strength": Parameter(
            Uniform(0.2, 1.6),
            description="exponent of the fall: contacts x (1 + deaths / threshold)^-strength",
            source="wide; Weitz et al. 2020 give plateaus for about 1",
        ),
        "awareness_delay": Parameter(
            LogUniform(5.0, 40.0),
            unit="day",
            description="time over which deaths are remembered",
            source="reporting delay to a month or more",
        ),
        "fatigue": Parameter(
            LogUniform(100.0, 2000.0), unit="day", description="time in which the threshold grows e-fold", source="wide"
        ),
    },
    inert={"awareness_threshold": 1e9, "awareness_strength": 0.0, "awareness_delay": 14.0, "fatigue": 1e9},
)

INTERVENTION = Feature(
    name="intervention",
    description="contacts are cut when cases pass a threshold and freed when they fall below it",
    parameters={
        "intervention_threshold": Parameter(
            LogUniform(1e-5, 1e-3),
            unit="cases/person/day",
            description="incidence that starts the intervention",
            source="Mantis prior",
        ),
        "intervention_effect": Parameter(
            Uniform(0.2, 0.85),
            description="factor on contacts while it lasts",
            source="Mantis prior U(0.2, 0.6), widened to weaker measures",
        ),
        "intervention_days": Parameter(
            Uniform(14.0, 90.0),
            unit="day",
            description="shortest duration",
            source="Mantis prior: at least 14-35 days, widened",
        ),
        "intervention_delay": Parameter(
            Uniform(0.0, 21.0), unit="day", description="days from threshold to effect", source="Mantis prior"
        ),
        "intervention_release": Parameter(
            Uniform(0.1, 0.8), description="incidence at release, as a share of the threshold", source="wide"
        ),
    },
    inert={
        "intervention_threshold": 2.0,
        "intervention_effect": 1.0,
        "intervention_days": 14.0,
        "intervention_delay": 0.0,
        "intervention_release": 0.5,
    },
)
