"""The control series: same outputs as an epidemic, no epidemiology."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.domains.epidemics.nonmechanistic import (
    AutoregressiveSeries,
    NonMechanistic,
    RandomWalkSeries,
    SeasonalTrendSeries,
)
from sgnn.simulation import Streams

KINDS = (RandomWalkSeries, AutoregressiveSeries, SeasonalTrendSeries)


@pytest.mark.parametrize("kind", KINDS)
def test_counts_are_whole_and_not_negative(kind: type[NonMechanistic]) -> None:
    simulator, streams = kind(weeks=30), Streams("control", np.arange(50))
    out = simulator.simulate(simulator.prior().sample(streams), streams)
    assert set(out) == {"deaths_daily", "admissions_daily"}
    for array in out.values():
        assert array.shape == (50, 210)
        assert array.dtype == np.int32
        assert array.min() >= 0


def test_admissions_lead_deaths_by_the_drawn_number_of_days() -> None:
    simulator, streams = RandomWalkSeries(weeks=60), Streams("lead", np.arange(20))
    theta = simulator.prior().sample(streams)
    theta |= {"level": np.full(20, 1e3), "admission_lead": np.full(20, 14.0), "admission_ratio": np.full(20, 5.0)}
    out = simulator.simulate(theta, streams)
    ratio = out["admissions_daily"][:, :-14].sum() / out["deaths_daily"][:, 14:].sum()
    assert ratio == pytest.approx(5.0, rel=0.01)
