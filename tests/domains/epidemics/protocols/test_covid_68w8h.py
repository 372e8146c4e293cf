"""The protocol covid-68w8h: its origins, its variants, scores by hand, and the published errors of the last value."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sgnn.domains.epidemics.data import FIRST_WEEK, covid_panel
from sgnn.domains.epidemics.protocols import Covid68w8h, covid_68w8h
from sgnn.domains.epidemics.protocols.covid_68w8h import contexts_of, eight_weeks, four_weeks
from sgnn.errors import DataError
from sgnn.evaluation.baselines import CHEAP, baseline_forecasts
from sgnn.evaluation.benchmark import Benchmark, Forecasts
from sgnn.evaluation.files import MissingData
from sgnn.evaluation.protocol import Forecaster, find_protocol
from sgnn.evaluation.rolling import rolling
from sgnn.learning.forecast.levels import LEVELS
from sgnn.settings import Settings, load_settings

SLOPES = (1.0, 2.0, 6.0)


class Flat:
    """Every quantile is the last value, and one more where admissions are seen."""

    def predict(self, panel: xr.Dataset, origins: Sequence[int], horizon: int) -> xr.Dataset:
        """A flat forecast."""
        last = panel["value"].to_numpy()[:, list(origins)] + float("admissions" in panel)
        values = np.broadcast_to(last[:, :, None, None], (*last.shape, horizon, len(LEVELS)))
        return xr.Dataset({"forecast": (("series", "origin", "horizon", "quantile"), values)})


class Short(Flat):
    """Forecasts one week too few."""

    def predict(self, panel: xr.Dataset, origins: Sequence[int], horizon: int) -> xr.Dataset:
        """A flat forecast."""
        return super().predict(panel, origins, horizon - 1)


def ramps(settings: Settings | None = None) -> xr.Dataset:
    """Three regions whose deaths rise by 1, 2 and 6 a week: errors that can be worked out by hand."""
    del settings
    values = np.outer(SLOPES, np.arange(68.0))
    time = np.datetime64(FIRST_WEEK, "ns") + np.arange(68) * np.timedelta64(7, "D")
    return xr.Dataset(
        {"value": (("series", "time"), values), "admissions": (("series", "time"), values)},
        {"series": list("abc"), "time": time},
        {"frequency": "W-SAT"},
    )


def rolled(panel: xr.Dataset, cache: Path, model: Forecaster | None = None) -> Forecasts:
    origins = contexts_of(panel)
    baselines = baseline_forecasts(panel["value"].to_numpy(), origins, 8, ["last_value"], cache)
    return rolling(model or Flat(), panel, origins, 8, baselines)


@pytest.fixture
def benchmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    """The protocol on the ramps, as a run makes it."""
    monkeypatch.setattr(covid_68w8h, "covid_panel", ramps)
    return Covid68w8h(baselines=CHEAP).run(Flat(), load_settings(home=tmp_path, workers=1), "flat")


def test_contexts_run_from_twelve_weeks_to_what_leaves_the_horizon(benchmark: Benchmark) -> None:
    eight, four = benchmark.forecasts, benchmark.variants["four_weeks"]
    assert [origin + 1 for origin in eight.origins] == list(range(12, 60))
    assert [origin + 1 for origin in four.origins] == list(range(12, 64))
    assert eight.truth.shape == (3, 48, 8)
    assert four.truth.shape == (3, 52, 4)
    assert not np.isnan(eight.truth).any()
    assert not np.isnan(four.truth).any()


def test_the_first_truths_are_those_of_the_weeks_after_the_first_context(benchmark: Benchmark) -> None:
    np.testing.assert_array_equal(benchmark.forecasts.truth[2, 0], 6.0 * np.arange(12, 20))
    assert benchmark.forecasts.dates[benchmark.forecasts.origins[0]] == "2020-10-17"


def test_scores_are_those_worked_out_by_hand(benchmark: Benchmark) -> None:
    document = benchmark.to_json()
    # the last value of a ramp of slope c errs by c h at horizon h, and c is 3 on average
    assert document["baselines"]["last_value"]["mae"] == pytest.approx(3 * 4.5)
    assert document["variants"]["four_weeks"]["baselines"]["last_value"]["mae"] == pytest.approx(3 * 2.5)
    assert [row["mae"] for row in document["baselines"]["last_value"]["by_horizon"]] == pytest.approx(
        [3.0 * step for step in range(1, 9)]
    )
    # one more than the last value errs by one less; all its quantiles are equal, so its WIS is its absolute error
    assert document["scores"]["mae"] == pytest.approx(3 * 4.5 - 1)
    assert document["scores"]["wis"] == pytest.approx(3 * 4.5 - 1)
    assert document["scores"]["relative_mae"] == pytest.approx(12.5 / 13.5)
    assert document["scores"]["skill"] == pytest.approx(100 / 13.5)
    first = document["by_series"][0]
    assert first["mae"] == pytest.approx(3.5)
    assert first["relative_mae"] == pytest.approx(3.5 / 4.5)
    assert first["coverage"]["90"] == pytest.approx(1 / 8)  # of eight weeks the forecast hits the first
    # the damped drift lags behind a ramp by c (h - 0.8 (1 - 0.8^h) / 0.2)
    steps = np.arange(1, 9)
    lag = steps - 4 * (1 - 0.8**steps)
    assert document["baselines"]["damped_drift"]["mae"] == pytest.approx(3 * lag.mean())


def test_the_variant_of_deaths_alone_hides_admissions(benchmark: Benchmark) -> None:
    document = benchmark.to_json()
    recalibrated = {"recalibrated_width", "recalibrated_adaptive"}
    assert set(document["variants"]) == {"deaths_only", "four_weeks", "four_weeks_deaths_only"} | recalibrated
    for name in ("deaths_only", "four_weeks_deaths_only"):
        assert document["variants"][name]["scores"]["relative_mae"] == pytest.approx(1.0)
    assert document["variants"]["four_weeks"]["scores"]["relative_mae"] == pytest.approx(6.5 / 7.5)


def test_recalibration_moves_intervals_and_no_median(benchmark: Benchmark) -> None:
    middle = int(np.argmin(np.abs(benchmark.forecasts.levels - 0.5)))
    own = benchmark.forecasts.methods["model"]
    for name in ("recalibrated_width", "recalibrated_adaptive"):
        found = benchmark.variants[name].methods["model"]
        np.testing.assert_allclose(found[..., middle], np.maximum(own[..., middle], 0.0), rtol=1e-9, atol=1e-9)


def test_published_figures_carry_their_cautions(benchmark: Benchmark) -> None:
    published = benchmark.to_json()["published"]
    assert {one["relative_mae"] for one in published} >= {0.647, 1.58}
    assert all(one["source"] and one["caution"] for one in published)


def test_a_model_that_forecasts_too_little_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"shape \(3, 52, 7, 23\).*expected \(3, 52, 8, 23\)"):
        rolled(ramps(), tmp_path, Short())


def test_without_data_the_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    settings = load_settings(home=tmp_path / "home", data_mirror=tmp_path / "mirror")
    with pytest.raises(MissingData, match=r"covid_deaths\.csv, .*covid_hospitalizations\.csv"):
        Covid68w8h().run(Flat(), settings)


def test_the_protocol_is_found_by_its_name() -> None:
    found = find_protocol("covid-68w8h")
    assert isinstance(found, Covid68w8h)
    assert found.tiny().baselines == CHEAP


@pytest.mark.real_data
def test_the_last_value_errs_as_published_on_the_real_data(tmp_path: Path) -> None:
    forecasts = rolled(covid_panel(load_settings(home=tmp_path)), tmp_path)
    for part, published, exact in ((eight_weeks(forecasts), 118.79, 118.786), (four_weeks(forecasts), 85.79, 85.786)):
        error = np.abs(part.truth - part.methods["last_value"][..., LEVELS.index(0.5)]).mean()
        assert round(error, 2) == published
        assert error == pytest.approx(exact, abs=0.0005)


@pytest.mark.real_data
def test_the_real_panel_is_of_52_regions_and_68_weeks_that_end_on_saturdays(tmp_path: Path) -> None:
    panel = covid_panel(load_settings(home=tmp_path))
    assert (panel.sizes["series"], panel.sizes["time"]) == (52, 68)
    assert panel["time"].to_numpy()[0] == np.datetime64("2020-08-01")
    assert set(panel["time"].dt.dayofweek.to_numpy()) == {5}
    assert not panel.isnull().any().to_array().any()
