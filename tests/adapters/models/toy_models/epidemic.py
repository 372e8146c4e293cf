"""An epidemic of epydemix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from epydemix import EpiModel

from sgnn.adapters.epydemix import CompartmentalModel
from sgnn.simulation import LogUniform, Parameter, Prior, Uniform, Variable

DAYS = 30
PEOPLE = 20_000


def sir(theta: Mapping[str, float]) -> EpiModel:
    """Susceptible, infected, recovered."""
    model = EpiModel(compartments=["S", "I", "R"], default_population_size=PEOPLE)
    model.add_transition("S", "I", params=(theta["transmission"], "I"), kind="mediated")
    model.add_transition("I", "R", params=theta["recovery"], kind="spontaneous")
    return model


def start(theta: Mapping[str, float]) -> Mapping[str, Any]:
    infected = int(theta["infected"])
    return {"S": np.array([PEOPLE - infected]), "I": np.array([infected]), "R": np.array([0])}


def model(wanted: str = "S_to_I_total") -> CompartmentalModel:
    return CompartmentalModel(
        sir,
        name="toy.epydemix",
        version="1",
        days=DAYS,
        prior=Prior(
            {
                "transmission": Parameter(Uniform(0.2, 0.5), "1/day", "contacts that infect"),
                "recovery": Parameter(Uniform(0.05, 0.2), "1/day", "rate of recovery"),
                "infected": Parameter(LogUniform(20.0, 500.0), "people", "infected at the start"),
            }
        ),
        variables=[Variable("infections", ("day",), np.int32, "people/day", "observable", valid_range=(0, PEOPLE))],
        reads={"infections": wanted},
        initial=start,
    )
