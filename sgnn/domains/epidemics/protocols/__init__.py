"""Benchmarks on real epidemics."""

from __future__ import annotations

from sgnn.domains.epidemics.protocols.covid_68w8h import Covid68w8h

__all__ = ["Covid68w8h"]
