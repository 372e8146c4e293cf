"""The rules by name, in the order in which they are looked at, each with what it asks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

RULES: Mapping[str, str] = MappingProxyType(
    {
        "identity": "it has a name and a version, and is registered under its name",
        "settings": "settings and resources can be written in a recipe",
        "declaration": "dimensions and variables are complete and always the same",
        "units": "every quantity has a unit, in its one spelling",
        "prior": "parameters are bounded, and are drawn within their bounds",
        "outputs": "what is made has the declared names, shapes and types",
        "failures": "a draw that cannot be made fails, and fails alone",
        "ranges": "values are finite and within their declared range",
        "inputs": "parameters and data are not written to",
        "determinism": "the same parameters and streams give the same bytes",
        "state": "nothing is remembered from one run to the next",
        "globals": "no generator is used that others share",
        "batch": "a draw is the same in every batch and order",
        "streams": "draws have random numbers of their own",
        "changes": "an operator changes what it observes",
        "process": "another process makes the same bytes",
        "speed": "a draw is made in reasonable time",
    }
)
