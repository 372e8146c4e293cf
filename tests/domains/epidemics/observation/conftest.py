"""Waves of daily counts, from none to thousands a day, and how any registered operator is put to work on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sgnn.simulation import Dimension, ObservationOperator, Streams, Variable
from sgnn.simulation.registry import find

DRAWS, WEEKS = 40, 60
AFTER_THE_WEEKS_ARE_SUMMED = {"missing", "late_start", "backfill", "rounding", "small_counts"}


@dataclass(frozen=True)
class Stage:
    """An operator with the data (batch, …) that it is shown."""

    operator: ObservationOperator
    data: Mapping[str, NDArray[Any]]

    def before(self) -> NDArray[Any]:
        """What the operator starts from."""
        return self.data[getattr(self.operator, "source", self.operator.variable)]

    def theta(self, draws: int = DRAWS, **values: float) -> dict[str, NDArray[np.float64]]:
        """Parameters (batch,) from the prior but for the values given."""
        drawn = self.operator.prior().sample(Streams("observation", np.arange(draws)))
        return drawn | {name: np.full(draws, value) for name, value in values.items()}

    def observe(self, theta: Mapping[str, NDArray[np.float64]], rows: NDArray[np.intp] | None = None) -> NDArray[Any]:
        """What is observed of some draws; of all where none are named."""
        rows = np.arange(len(self.before())) if rows is None else rows
        data = {name: values[rows] for name, values in self.data.items()}
        own = {name: values[rows] for name, values in theta.items()}
        made = self.operator.observe(data, own, Streams("observation", rows))
        assert set(made) == {self.operator.variable}
        return made[self.operator.variable]


def made_waves(draws: int = DRAWS, days: int = 7 * WEEKS) -> NDArray[np.int32]:
    """Counts (draw, day): Poisson about waves whose height goes from half a person to thousands."""
    chance, day = np.random.default_rng(5), np.arange(days)
    height = np.geomspace(0.5, 5000.0, draws)[:, None]
    rise = 1.2 + np.sin(2 * np.pi * (day / 140.0 + chance.random((draws, 1))))
    return chance.poisson(height * rise).astype(np.int32)


def made_stage(name: str, counts: NDArray[Any] | None = None) -> Stage:
    """The registered operator of deaths, before or after the weeks are summed, on the given daily counts or on waves.

    ``counts`` are used as they are for an operator of weeks.
    """
    own = {"source": "deaths_daily"} if name == "report" else {}
    operator = find("sgnn.observations", f"epidemics.{name}")(variable="deaths", **own)
    if name in AFTER_THE_WEEKS_ARE_SUMMED:
        weekly = made_waves().reshape(DRAWS, WEEKS, 7).sum(axis=2) if counts is None else counts
        return Stage(operator, {"deaths": weekly.astype(np.float32)})
    daily = made_waves() if counts is None else counts
    return Stage(operator, {"deaths_daily": daily, "deaths": daily.astype(np.float64)})


@pytest.fixture
def waves() -> NDArray[np.int32]:
    """Waves of daily deaths (draw, day)."""
    return made_waves()


@pytest.fixture
def stage() -> Callable[..., Stage]:
    """Makes a stage from an operator's short name."""
    return made_stage


@pytest.fixture
def known() -> tuple[dict[str, Dimension], dict[str, Variable]]:
    """Dimensions and variables of a simulator of daily deaths."""
    variable = Variable("deaths_daily", ("day",), np.int32, "people/day", "latent", valid_range=(0, 1e9))
    return {"day": Dimension("day", 7 * WEEKS, unit="day")}, {"deaths_daily": variable}
