"""The switch of an effect that is only sometimes there."""

from __future__ import annotations

from sgnn.simulation import Categorical, Parameter


def present(probability: float, effect: str) -> Parameter:
    """1 with the given probability, else 0: whether a draw has the effect."""
    return Parameter(
        Categorical((0.0, 1.0), (1.0 - probability, probability)), description=f"1 where there is {effect}"
    )
