"""The protocol `covid-68w8h`: weekly COVID-19 deaths of 52 US regions, eight weeks ahead."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sgnn.domains.epidemics.data import COVID_ADMISSIONS, COVID_DEATHS, covid_panel
from sgnn.domains.epidemics.protocols.published import PUBLISHED
from sgnn.evaluation.baselines import BASELINES, CHEAP, baseline_forecasts, stand_ins
from sgnn.evaluation.benchmark import Benchmark, Forecasts
from sgnn.evaluation.protocol import Forecaster, Protocol
from sgnn.evaluation.rolling import part, recalibrated, rolling
from sgnn.settings import Settings

FIRST_CONTEXT = 12
HORIZON = 8
SHORT_HORIZON = 4


class Covid68w8h(Protocol):
    """68 weeks, weekly origins from a context of 12 weeks on, all past weeks as context, horizons of 1 to 8 weeks.

    Deaths with hospital admissions as a covariate, zero-shot: nothing is fitted to these data but the baselines, each
    to the past of its origin. Last value: MAE 118.79 over eight weeks, 85.79 over four.
    """

    name = "covid-68w8h"
    files = (COVID_DEATHS, COVID_ADMISSIONS)

    def __init__(self, every_region: int = 1, baselines: tuple[str, ...] = BASELINES) -> None:
        self.every_region, self.baselines = every_region, baselines

    def tiny(self) -> Covid68w8h:
        """Every thirteenth region beside the cheapest baselines: no result, a test of the way."""
        return Covid68w8h(every_region=13, baselines=CHEAP)

    def run(self, model: Forecaster, settings: Settings, name: str = "model") -> Benchmark:
        """Scores with admissions; variants ``deaths_only``, over ``four_weeks``, and recalibrated online."""
        panel = self._panel(settings)
        baselines = self._baselines(panel, settings)
        origins = contexts_of(panel)
        with_admissions = rolling(model, panel, origins, HORIZON, baselines)
        deaths_only = rolling(model, panel.drop_vars("admissions"), origins, HORIZON, baselines)
        return Benchmark(
            protocol=self.name,
            model=name,
            forecasts=eight_weeks(with_admissions),
            variants={
                "deaths_only": eight_weeks(deaths_only),
                "four_weeks": four_weeks(with_admissions),
                "four_weeks_deaths_only": four_weeks(deaths_only),
                **{name: eight_weeks(one) for name, one in recalibrated(with_admissions).items()},
            },
            published=PUBLISHED,
            data={file.place: file.sha256 for file in self.files},
            notes=(
                "deaths and admissions as finally revised: no forecaster had them in real time",
                "baselines see deaths alone",
                *(
                    f"{number} of {panel.sizes['series'] * len(origins)} forecasts of {baseline} are the last value's, "
                    "for it could not be fitted"
                    for baseline, number in stand_ins(baselines).items()
                ),
            ),
        )

    def prepare(self, settings: Settings) -> None:
        """Fit the baselines and keep them. Raises `MissingData`."""
        self._baselines(self._panel(settings), settings)

    def _panel(self, settings: Settings) -> xr.Dataset:
        return covid_panel(settings).isel(series=slice(None, None, self.every_region))

    def _baselines(self, panel: xr.Dataset, settings: Settings) -> dict[str, NDArray[np.float64]]:
        return baseline_forecasts(
            panel["value"].to_numpy(),
            contexts_of(panel),
            HORIZON,
            self.baselines,
            settings.cache,
            settings.workers,
        )


def contexts_of(panel: xr.Dataset) -> list[int]:
    """Origins with contexts of 12 to 63 of 68 weeks; as published, the very last possible origin is not used."""
    return list(range(FIRST_CONTEXT - 1, panel.sizes["time"] - SHORT_HORIZON - 1))


def eight_weeks(forecasts: Forecasts) -> Forecasts:
    """The origins that have all eight weeks after them, but for the very last: contexts of 12 to 59 weeks."""
    return part(forecasts, len(forecasts.origins) - (HORIZON - SHORT_HORIZON), HORIZON)


def four_weeks(forecasts: Forecasts) -> Forecasts:
    """All origins, the first four weeks of each: contexts of 12 to 63 weeks."""
    return part(forecasts, len(forecasts.origins), SHORT_HORIZON)
