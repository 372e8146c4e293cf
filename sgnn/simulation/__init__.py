"""Simulation: what a simulator is, how its parameters are drawn, and how its outcome is observed.

A prior is a set of named parameters, a simulator turns a batch of them into outputs, observation operators turn outputs
into what somebody would have written down, and a generator puts them together for any range of draws:

>>> import numpy as np
>>> from sgnn.simulation import Component, Dimension, DrawGenerator, Mixture, Parameter, Prior, Uniform, Variable, lift
>>> decay = lift(
...     lambda theta, generator: {"left": generator.poisson(100 * np.exp(-theta["rate"] * np.arange(5)))},
...     name="toy.decay",
...     version="1",
...     prior=Prior({"rate": Parameter(Uniform(0.1, 1.0), unit="1/day")}),
...     dimensions=[Dimension("day", 5, unit="day")],
...     variables=[Variable("left", ("day",), np.int64, "atoms", "observable")],
... )
>>> generator = DrawGenerator(Mixture([Component(decay, 1.0, decay.prior())]), None, corpus_key="example")
>>> generator.draws(0, 3).arrays["left"].shape
(3, 5)
"""

from __future__ import annotations

from sgnn.simulation.constraint import Constraint
from sgnn.simulation.distributions import (
    Beta,
    Categorical,
    Distribution,
    Fixed,
    Gamma,
    LogNormal,
    LogUniform,
    Normal,
    Uniform,
)
from sgnn.simulation.external import ExternalProgram
from sgnn.simulation.generator import DrawGenerator, Draws
from sgnn.simulation.lifted import lift, lift_batch
from sgnn.simulation.mixture import Component, Mixture
from sgnn.simulation.observation import ObservationOperator, ObservationPipeline
from sgnn.simulation.prior import Correlated, Parameter, Prior
from sgnn.simulation.scalar import ScalarSimulator
from sgnn.simulation.schema import ParameterInfo, Schema
from sgnn.simulation.simulator import Dimension, Outputs, Simulator, Theta, Variable
from sgnn.simulation.streams import Streams

__all__ = [
    "Beta",
    "Categorical",
    "Component",
    "Constraint",
    "Correlated",
    "Dimension",
    "Distribution",
    "DrawGenerator",
    "Draws",
    "ExternalProgram",
    "Fixed",
    "Gamma",
    "LogNormal",
    "LogUniform",
    "Mixture",
    "Normal",
    "ObservationOperator",
    "ObservationPipeline",
    "Outputs",
    "Parameter",
    "ParameterInfo",
    "Prior",
    "ScalarSimulator",
    "Schema",
    "Simulator",
    "Streams",
    "Theta",
    "Uniform",
    "Variable",
    "lift",
    "lift_batch",
]
