"""The protocol `covid-68w8h`: weekly COVID-19 deaths of 52 US regions, eight weeks ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sgnn.domains.epidemics.data import COVID_ADMISSIONS, COVID_DEATHS, covid_panel
from sgnn.evaluation.baselines import BASELINES, CHEAP, baseline_forecasts
from sgnn.evaluation.benchmark import MODEL, Benchmark, Forecasts, Published
from sgnn.evaluation.protocol import Forecaster, Protocol
from sgnn.learning.forecast.quantiles import LEVELS
from sgnn.settings import Settings

FIRST_CONTEXT = 12
HORIZON = 8
SHORT_HORIZON = 4
PAPER = "arXiv 2507.08977"
PUBLISHED = (
    Published(
        "SGNN, with admissions", 0.647, PAPER, "checkpoints were watched on these data; 90 % intervals cover 66-80 %"
    ),
    Published("non-mechanistic pretraining", 1.58, PAPER, "a control that could not be reproduced"),
    Published("best CDC Hub model", 0.66, PAPER, "other dates and vintages than here"),
    Published("median CDC Hub model", 0.87, PAPER, "other dates and vintages than here"),
    Published("Chronos-Base", 0.971, PAPER, ""),
)


class Covid68w8h(Protocol):
    """68 weeks, weekly origins from a context of 12 weeks on, all past weeks as context, horizons of 1 to 8 weeks."""

    name = "covid-68w8h"
    files = (COVID_DEATHS, COVID_ADMISSIONS)

    def __init__(self, every_region: int = 1, baselines: tuple[str, ...] = tuple(BASELINES)) -> None:
        self.every_region, self.baselines = every_region, baselines

    def tiny(self) -> Covid68w8h:
        """Every thirteenth region beside the cheapest baselines: no result, a test of the way."""
        return Covid68w8h(every_region=13, baselines=CHEAP)

    def run(self, model: Forecaster, settings: Settings, name: str = "model") -> Benchmark:
        """Scores with admissions; the variants ``deaths_only`` and, over four weeks, ``four_weeks``."""
        panel = self._panel(settings)
        baselines = self._baselines(panel, settings)
        with_admissions = rolling(model, panel, baselines)
        deaths_only = rolling(model, panel.drop_vars("admissions"), baselines)
        return Benchmark(
            protocol=self.name,
            model=name,
            forecasts=eight_weeks(with_admissions),
            variants={
                "deaths_only": eight_weeks(deaths_only),
                "four_weeks": four_weeks(with_admissions),
                "four_weeks_deaths_only": four_weeks(deaths_only),
            },
            published=PUBLISHED,
            data={file.place: file.sha256 for file in self.files},
            notes=("data as finally revised: no forecaster had them in real time",),
        )

    def prepare(self, settings: Settings) -> None:
        """Fit the baselines and keep them. Raises `MissingData`."""
        self._baselines(self._panel(settings), settings)

    def _panel(self, settings: Settings) -> xr.Dataset:
        return covid_panel(settings).isel(series=slice(None, None, self.every_region))

    def _baselines(self, panel: xr.Dataset, settings: Settings) -> dict[str, NDArray[np.float64]]:
        values = panel["value"].to_numpy()
        return baseline_forecasts(values, _origins(panel), HORIZON, self.baselines, settings.cache)


def rolling(model: Forecaster, panel: xr.Dataset, baselines: Mapping[str, NDArray[np.float64]]) -> Forecasts:
    """Forecasts from every origin with four observed weeks after it; what lies beyond the data is NaN in the truth."""
    origins = _origins(panel)
    values = panel["value"].to_numpy()
    own = model.predict(panel, origins, HORIZON)["forecast"].to_numpy()
    beyond = np.concatenate([values, np.full((len(values), HORIZON), np.nan)], axis=1)
    truth = np.stack([beyond[:, origin + 1 : origin + 1 + HORIZON] for origin in origins], axis=1)
    dates = tuple(np.datetime_as_string(panel["time"].to_numpy(), unit="D").tolist())
    series = tuple(str(one) for one in panel["series"].to_numpy())
    return Forecasts({MODEL: own, **baselines}, truth, np.array(LEVELS), series, tuple(origins), values, dates)


def eight_weeks(forecasts: Forecasts) -> Forecasts:
    """The origins that have all eight weeks after them."""
    return _part(forecasts, len(forecasts.origins) - (HORIZON - SHORT_HORIZON), HORIZON)


def four_weeks(forecasts: Forecasts) -> Forecasts:
    """All origins, the first four weeks of each."""
    return _part(forecasts, len(forecasts.origins), SHORT_HORIZON)


def _part(forecasts: Forecasts, origins: int, horizon: int) -> Forecasts:
    return replace(
        forecasts,
        methods={name: one[:, :origins, :horizon] for name, one in forecasts.methods.items()},
        truth=forecasts.truth[:, :origins, :horizon],
        origins=forecasts.origins[:origins],
    )


def _origins(panel: xr.Dataset) -> list[int]:
    """Contexts of 12 to 63 of 68 weeks; as published, the very last possible origin is not used."""
    return list(range(FIRST_CONTEXT - 1, panel.sizes["time"] - SHORT_HORIZON - 1))
