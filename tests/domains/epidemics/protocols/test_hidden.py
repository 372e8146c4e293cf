"""The protocol `hidden`: what nobody observed, beside methods that are told as little, and ones that are told more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sgnn.domains.epidemics.protocols.hidden import INFECTIONS, R_T, Hidden, asked_days, baselines
from sgnn.domains.epidemics.protocols.outbreak_draws import REPORTING, outbreak_draws
from sgnn.errors import DataError
from sgnn.evaluation.outcome import load_outcome
from sgnn.learning.forecast.levels import LEVELS
from sgnn.settings import load_settings
from sgnn.simulation.registry import PROTOCOLS, find
from tests.domains.epidemics.protocols.untrained import untrained

START = 10_000
MEDIAN = LEVELS.index(0.5)


def test_the_day_asked_about_is_one_that_is_seen_after_the_first_week() -> None:
    outbreaks = outbreak_draws(START, START + 40)
    days = asked_days(outbreaks)
    assert days.min() >= 7
    assert np.isfinite(outbreaks.paths[INFECTIONS][np.arange(len(days)), days]).all()


def test_methods_that_are_told_more_err_less_than_those_that_assume() -> None:
    outbreaks, prior = outbreak_draws(START, START + 120), outbreak_draws(START + 200, START + 400)
    days, found = asked_days(outbreaks), baselines(outbreaks, prior)
    rows = np.arange(len(days))
    for method, path in (("cori", R_T), ("deconvolution", INFECTIONS)):
        truth = outbreaks.paths[path][rows, days]
        errors = [
            np.nanmedian(np.abs(np.log1p(found[name][path][:, MEDIAN]) - np.log1p(truth)))
            for name in (method, f"{method}_told")
        ]
        assert errors[1] < errors[0]


def test_infections_of_the_method_that_is_told_are_reports_over_the_reported_share() -> None:
    outbreaks = outbreak_draws(START, START + 60)
    days, found = asked_days(outbreaks), baselines(outbreaks, outbreaks)["deconvolution_told"][INFECTIONS]
    inside = np.flatnonzero(days + 3 < np.isfinite(outbreaks.cases).sum(axis=1))
    row = int(inside[0])
    week = outbreaks.cases[row, days[row] - 3 : days[row] + 4].mean()
    np.testing.assert_allclose(found[row], week / outbreaks.truth[REPORTING][row])


def test_every_path_is_scored_and_what_was_saved_is_what_is_read(tmp_path: Path) -> None:
    outcome = find(PROTOCOLS, "hidden")(draws=30).run(untrained(), load_settings(home=tmp_path), "untrained")
    document = outcome.to_json()
    assert set(document["parameters"]) == {R_T, INFECTIONS, "susceptible_share"}
    assert set(document["baselines"]) == {"prior", "cori", "centred_cori"}
    assert set(document["parameters"][INFECTIONS]["baselines"]) == {"prior", "deconvolution"}
    assert document["parameters"][INFECTIONS]["unit"] == "people/day"
    assert load_outcome(outcome.save(tmp_path / "saved")).to_json() == document


def test_a_model_that_reads_off_no_paths_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no paths"):
        Hidden(draws=12).run(untrained(paths=[]), load_settings(home=tmp_path))
