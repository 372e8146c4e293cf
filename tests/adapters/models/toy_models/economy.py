"""An economy of mesa: coins that go from hand to hand."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from sgnn.adapters.mesa import AgentBasedModel
from sgnn.simulation import Dimension, Parameter, Prior, Uniform, Variable

STEPS = 10


class Trader(mesa.Agent):
    """Gives one coin away at a time."""

    def __init__(self, model: Economy, coins: int) -> None:
        super().__init__(model)
        self.coins = coins

    def give(self) -> None:
        if self.coins > 0:
            other = self.random.choice(self.model.agents)
            self.coins -= 1
            other.coins += 1


class Economy(mesa.Model):
    """Coins that go from hand to hand."""

    def __init__(self, traders: int, generosity: float, coins: int = 2, rng: Any = None) -> None:
        super().__init__(rng=rng)
        self.generosity = generosity
        Trader.create_agents(self, traders, coins)
        self.datacollector = mesa.DataCollector({"poor": lambda model: sum(one.coins == 0 for one in model.agents)})
        self.datacollector.collect(self)

    def step(self) -> None:
        for agent in self.agents.shuffle():
            if self.rng.random() < self.generosity:
                agent.give()
        self.datacollector.collect(self)


def economy(output: str = "poor") -> AgentBasedModel:
    return AgentBasedModel(
        Economy,
        name="toy.economy",
        version="1",
        steps=STEPS,
        prior=Prior(
            {
                "traders": Parameter(Uniform(20.0, 60.0), "people", "number of traders"),
                "generosity": Parameter(Uniform(0.2, 1.0), description="chance of a gift a step"),
            }
        ),
        dimensions=[Dimension("step", STEPS + 1, "1")],
        variables=[Variable(output, ("step",), np.int32, "people", "observable", valid_range=(0, 60))],
        fixed={"coins": 1},
        whole=["traders"],
    )
