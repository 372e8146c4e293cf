"""Classical estimators of the basic reproduction number from the incidence of an early outbreak.

Each takes daily counts (day,) with NaN where nothing was reported, and the generation interval that its user must
assume, since incidence alone tells growth only. They are the baselines of the estimation protocols.
"""

from __future__ import annotations

from sgnn.domains.epidemics.estimators.cori import cori
from sgnn.domains.epidemics.estimators.estimate import Estimate
from sgnn.domains.epidemics.estimators.generation_interval import GenerationInterval
from sgnn.domains.epidemics.estimators.growth_rate import growth_rate
from sgnn.domains.epidemics.estimators.least_squares import least_squares
from sgnn.domains.epidemics.estimators.maximum_likelihood import maximum_likelihood

__all__ = ["Estimate", "GenerationInterval", "cori", "growth_rate", "least_squares", "maximum_likelihood"]
