"""The switchable parts of the epidemic family, one file a subject, each with its prior and where it comes from."""

from __future__ import annotations

from sgnn.domains.epidemics.features.asymptomatic import ASYMPTOMATIC
from sgnn.domains.epidemics.features.behaviour import BEHAVIOUR, INTERVENTION
from sgnn.domains.epidemics.features.core import CORE
from sgnn.domains.epidemics.features.feature import Feature
from sgnn.domains.epidemics.features.importation import IMPORTATION
from sgnn.domains.epidemics.features.latency import LATENCY
from sgnn.domains.epidemics.features.patches import PATCHES
from sgnn.domains.epidemics.features.seasonality import SEASONALITY
from sgnn.domains.epidemics.features.severity import SEVERITY
from sgnn.domains.epidemics.features.superspreading import SUPERSPREADING
from sgnn.domains.epidemics.features.transmission import CHANGE_POINTS, RANDOM_WALK
from sgnn.domains.epidemics.features.vaccination import VACCINATION
from sgnn.domains.epidemics.features.variants import VARIANTS
from sgnn.domains.epidemics.features.waning import DEMOGRAPHY, WANING

FEATURES: tuple[Feature, ...] = (
    CORE,
    LATENCY,
    ASYMPTOMATIC,
    WANING,
    DEMOGRAPHY,
    IMPORTATION,
    SEASONALITY,
    RANDOM_WALK,
    CHANGE_POINTS,
    BEHAVIOUR,
    INTERVENTION,
    SUPERSPREADING,
    VARIANTS,
    VACCINATION,
    PATCHES,
    SEVERITY,
)

__all__ = [
    "ASYMPTOMATIC",
    "BEHAVIOUR",
    "CHANGE_POINTS",
    "CORE",
    "DEMOGRAPHY",
    "FEATURES",
    "IMPORTATION",
    "INTERVENTION",
    "LATENCY",
    "PATCHES",
    "RANDOM_WALK",
    "SEASONALITY",
    "SEVERITY",
    "SUPERSPREADING",
    "VACCINATION",
    "VARIANTS",
    "WANING",
    "Feature",
]
