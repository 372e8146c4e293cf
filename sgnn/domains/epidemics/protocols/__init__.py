"""Benchmarks on epidemics, real and simulated."""

from __future__ import annotations

from sgnn.domains.epidemics.protocols.covid_68w8h import Covid68w8h
from sgnn.domains.epidemics.protocols.r0_early import R0Early

__all__ = ["Covid68w8h", "R0Early"]
