"""A feature: one mechanism an epidemic may or may not have, with the prior of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sgnn.simulation import Parameter, Prior


@dataclass(frozen=True, eq=False)
class Feature:
    """One switchable part of the transmission model.

    ``parameters`` is the prior of the part when it is present; ``inert`` gives, for the same names, the values at which
    the part has no effect, so that one kernel serves every mechanism.
    """

    name: str
    description: str
    parameters: Mapping[str, Parameter]
    inert: Mapping[str, float]

    def __post_init__(self) -> None:
        if self.inert and set(self.inert) != set(self.parameters):
            raise ValueError(f"feature {self.name}: parameters and inert values differ")

    @property
    def prior(self) -> Prior:
        """The prior of this part alone."""
        return Prior(dict(self.parameters))
