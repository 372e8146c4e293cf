"""The protocol `r0-countries`: R0 of the first 30 days of COVID-19 by country, beside published estimates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sgnn.domains.epidemics.outbreak_data import COVID_CASES, country_cases
from sgnn.domains.epidemics.protocols.published_r0 import COUNTRY_R0, MIDAS
from sgnn.domains.epidemics.protocols.real_series import answers_of, side_by_side
from sgnn.evaluation.estimates.answers import Estimates
from sgnn.evaluation.estimates.outcome import EstimateBenchmark
from sgnn.evaluation.protocol import Protocol
from sgnn.learning.forecast.levels import LEVELS
from sgnn.learning.model import Model
from sgnn.settings import Settings

Array = NDArray[np.float64]
DAYS = 30
BEGINS = 10.0
"""Cases in all from which a country's days are counted: those before were mostly infected elsewhere."""
LEAST_CASES = 100.0
"""Fewest cases in the 30 days."""
INTERVAL_MEAN, INTERVAL_SD = 5.2, 2.8
"""Generation interval of COVID-19 in early 2020, days: Ganyani et al. 2020 (Singapore: mean 5.20, sd 1.72 to 2.8)."""


class R0Countries(Protocol):
    """Confirmed cases of the first 30 days from the tenth on, by country; the published median is the truth.

    Published estimates were made from other days and data by other methods: errors say how far two answers are apart.
    """

    name = "r0-countries"
    files = (COVID_CASES,)

    def __init__(self, every: int = 1) -> None:
        self.every = every

    def tiny(self) -> R0Countries:
        """Every fifteenth country: no result, a test of the way."""
        return R0Countries(every=15)

    def run(self, model: Model, settings: Settings, name: str = "model") -> EstimateBenchmark:
        """R0 by every method. Raises `MissingData`, or `DataError` for a model that does not estimate R0."""
        table = country_cases(settings)
        series = {str(country): first_days(column.to_numpy()) for country, column in table.items()}
        kept = {country: one for country, one in series.items() if len(one) == DAYS and np.nansum(one) >= LEAST_CASES}
        names = list(kept)[:: self.every]
        cases = side_by_side([kept[country] for country in names])
        means, sds = np.full(len(names), INTERVAL_MEAN), np.full(len(names), INTERVAL_SD)
        answers = answers_of(model, cases, names, means, sds, settings)
        published = np.array([COUNTRY_R0.get(country, np.nan) for country in names])
        return EstimateBenchmark(
            protocol=self.name,
            model=name,
            estimates=Estimates(
                truth={"r0": published},
                methods=answers,
                levels=np.array(LEVELS),
                values=cases,
                units={"r0": "1"},
            ),
            informed=("model_told",),
            data={file.place: file.sha256 for file in self.files},
            notes=(
                f"{len(names)} countries with {LEAST_CASES:.0f} cases or more in {DAYS} days from the tenth case on; "
                f"the truth of {int(np.isfinite(published).sum())} is the median of their published estimates",
                MIDAS,
                f"published: {_spread(np.array(list(COUNTRY_R0.values())))}",
                *(f"{method}: {_spread(_medians(one['r0']))}" for method, one in answers.items()),
                f"classical methods and model_told are told a generation interval of {INTERVAL_MEAN} days, "
                f"standard deviation {INTERVAL_SD}",
            ),
            is_real=True,
        )


def first_days(cases: Array) -> Array:
    """The 30 counts from the day on which the total reaches ten; fewer where there are not as many."""
    reached = np.flatnonzero(np.nancumsum(cases) >= BEGINS)
    first = int(reached[0]) if len(reached) else len(cases)
    return np.asarray(cases[first : first + DAYS])


def _medians(quantiles: Array) -> Array:
    return np.asarray(quantiles[:, LEVELS.index(0.5)])


def _spread(values: Array) -> str:
    low, middle, high = np.nanquantile(values, [0.25, 0.5, 0.75])
    return f"median over countries {middle:.2f}, middle half {low:.2f} to {high:.2f}"
