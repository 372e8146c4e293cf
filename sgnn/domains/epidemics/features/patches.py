"""Two patches: a region whose parts are hit one after the other."""

from __future__ import annotations

from sgnn.domains.epidemics.features.feature import Feature
from sgnn.simulation import LogUniform, Parameter, Uniform

PATCHES = Feature(
    name="patches",
    description="two populations that mix a little",
    parameters={
        "second_patch_share": Parameter(
            Uniform(0.1, 0.7), description="share of people in the second patch", source="a city and its country"
        ),
        "coupling": Parameter(
            LogUniform(1e-4, 0.1),
            description="share of contacts with the other patch",
            source="commuting to rare travel",
        ),
        "second_patch_contact": Parameter(
            Uniform(0.6, 1.3),
            description="transmission in the second patch relative to the first",
            source="density and habits differ",
        ),
    },
    inert={"second_patch_share": 0.0, "coupling": 0.0, "second_patch_contact": 1.0},
)
