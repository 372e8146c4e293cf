"""Benchmarks on epidemics, real and simulated."""

from __future__ import annotations

from sgnn.domains.epidemics.protocols.counterfactual import Counterfactual
from sgnn.domains.epidemics.protocols.covid_68w8h import Covid68w8h
from sgnn.domains.epidemics.protocols.fatality import Fatality
from sgnn.domains.epidemics.protocols.hidden import Hidden
from sgnn.domains.epidemics.protocols.mechanism import Mechanism
from sgnn.domains.epidemics.protocols.r0_countries import R0Countries
from sgnn.domains.epidemics.protocols.r0_early import R0Early
from sgnn.domains.epidemics.protocols.r0_outbreaks import R0Outbreaks

__all__ = ["Counterfactual", "Covid68w8h", "Fatality", "Hidden", "Mechanism", "R0Countries", "R0Early", "R0Outbreaks"]
