"""The protocol covid-68w8h: its origins, its variants, and the published errors of the last value."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sgnn.domains.epidemics.data import covid_panel
from sgnn.domains.epidemics.protocols.covid_68w8h import Covid68w8h, eight_weeks, four_weeks, rolling
from sgnn.evaluation.baselines import baseline_forecasts
from sgnn.evaluation.benchmark import MODEL, Forecasts, scored
from sgnn.evaluation.files import MissingData
from sgnn.learning.forecast.quantiles import LEVELS
from sgnn.settings import load_settings


class LastValue:
    """Every quantile is the last value; remembers whether it saw admissions."""

    def predict(self, panel: xr.Dataset, origins: Sequence[int], horizon: int) -> xr.Dataset:
        """A flat forecast."""
        last = panel["value"].to_numpy()[:, list(origins)]
        values = np.broadcast_to(last[:, :, None, None], (*last.shape, horizon, len(LEVELS)))
        return xr.Dataset({"forecast": (("series", "origin", "horizon", "quantile"), values)})


def panel(weeks: int = 68) -> xr.Dataset:
    values = np.cumsum(np.random.default_rng(0).poisson(3.0, (3, weeks)), axis=1).astype(float)
    time = np.datetime64("2020-08-01", "ns") + np.arange(weeks) * np.timedelta64(7, "D")
    return xr.Dataset(
        {"value": (("series", "time"), values)}, {"series": list("abc"), "time": time}, {"frequency": "W-SAT"}
    )


def rolled(data: xr.Dataset, cache: Path) -> Forecasts:
    values = data["value"].to_numpy()
    origins = list(range(11, 63))
    return rolling(LastValue(), data, baseline_forecasts(values, origins, 8, ["last_value"], cache))


def test_contexts_run_from_twelve_weeks_to_what_leaves_the_horizon(tmp_path: Path) -> None:
    forecasts = rolled(panel(), tmp_path)
    assert [origin + 1 for origin in eight_weeks(forecasts).origins] == list(range(12, 60))
    assert [origin + 1 for origin in four_weeks(forecasts).origins] == list(range(12, 64))
    assert not np.isnan(eight_weeks(forecasts).truth).any()
    assert not np.isnan(four_weeks(forecasts).truth).any()
    assert four_weeks(forecasts).truth.shape[1:] == (len(forecasts.origins), 4)


def test_truths_are_the_weeks_after_the_origin(tmp_path: Path) -> None:
    data = panel()
    forecasts = eight_weeks(rolled(data, tmp_path))
    np.testing.assert_array_equal(forecasts.truth[1, 5], data["value"].to_numpy()[1, 17:25])
    assert scored(forecasts)["scores"]["relative_mae"] == pytest.approx(1.0)


def test_without_data_the_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    settings = load_settings(home=tmp_path / "home", data_mirror=tmp_path / "mirror")
    with pytest.raises(MissingData, match=r"covid_deaths\.csv, .*covid_hospitalizations\.csv"):
        Covid68w8h().run(LastValue(), settings)


@pytest.mark.skipif("SGNN_DATA_MIRROR" not in os.environ, reason="real data: set SGNN_DATA_MIRROR")
def test_the_last_value_errs_as_published_on_the_real_data(tmp_path: Path) -> None:
    data = covid_panel(load_settings(home=tmp_path))
    forecasts = rolled(data, tmp_path)
    assert (data.sizes["series"], data.sizes["time"]) == (52, 68)
    for part, published in ((eight_weeks(forecasts), 118.79), (four_weeks(forecasts), 85.79)):
        error = np.abs(part.truth - part.methods[MODEL][..., 11]).mean()
        assert error == pytest.approx(published, abs=0.005)
