"""Real outbreaks: which days are seen, and what stands beside what was published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sgnn.domains.epidemics.protocols.published_r0 import COUNTRY_R0, OUTBREAK_RANGES
from sgnn.domains.epidemics.protocols.r0_countries import DAYS, first_days
from sgnn.domains.epidemics.protocols.real_series import answers_of, early, side_by_side
from sgnn.errors import DataError
from sgnn.evaluation.outcome import load_outcome
from sgnn.settings import load_settings
from sgnn.simulation.registry import PROTOCOLS, find
from tests.domains.epidemics.protocols.untrained import untrained


def test_an_outbreak_is_seen_from_its_first_case_to_its_peak() -> None:
    counts = np.concatenate([np.zeros(5), np.arange(1.0, 31.0), np.arange(30.0, 0.0, -1.0)])
    seen = early(counts)
    assert seen[0] == 1.0
    assert 28 <= len(seen) <= 34


def test_a_later_and_higher_wave_is_not_looked_at() -> None:
    wave = np.concatenate([np.arange(1.0, 31.0), np.arange(30.0, 0.0, -1.0)])
    assert len(early(np.concatenate([wave, np.zeros(60), 100.0 * wave]))) <= 34


def test_an_outbreak_that_peaks_soon_is_seen_for_two_weeks() -> None:
    assert len(early(np.array([*range(1, 10), *range(9, 0, -1), *[0.0] * 30], dtype=float))) == 14


def test_days_of_a_country_begin_with_its_tenth_case() -> None:
    found = first_days(np.array([1.0, 0.0, np.nan, 8.0, 5.0, *[7.0] * 60]))
    assert found[0] == 5.0
    assert len(found) == DAYS
    assert len(first_days(np.ones(5))) == 0


def test_series_stand_side_by_side_with_nothing_after_their_ends() -> None:
    whole = side_by_side([np.ones(3), np.ones(5)])
    assert np.isfinite(whole).sum(axis=1).tolist() == [3, 5]


def test_a_model_that_knows_the_interval_answers_told_and_untold(tmp_path: Path) -> None:
    cases = side_by_side([np.arange(1.0, 31.0), np.arange(2.0, 32.0)])
    means, sds = np.full(2, 5.0), np.full(2, 3.0)
    found = answers_of(untrained(), cases, ["a", "b"], means, sds, load_settings(home=tmp_path))
    assert set(found) == {"model", "model_told", "growth_rate", "mle", "cori", "least_squares"}
    bare = untrained(given=[], calibrate_by=None)
    assert "model_told" not in answers_of(bare, cases, ["a", "b"], means, sds, load_settings(home=tmp_path))
    with pytest.raises(DataError, match="asks for r0"):
        answers_of(
            untrained(targets=[{"name": "attack_rate"}]), cases, ["a", "b"], means, sds, load_settings(home=tmp_path)
        )


def test_published_ranges_are_ranges() -> None:
    assert all(0.0 < one.low <= one.high for one in OUTBREAK_RANGES)
    assert all(1.0 < value < 6.0 for value in COUNTRY_R0.values())


@pytest.mark.real_data
def test_countries_stand_beside_the_medians_of_what_was_published(tmp_path: Path) -> None:
    protocol = find(PROTOCOLS, "r0-countries")().tiny()
    outcome = protocol.run(untrained(), load_settings(home=tmp_path), "untrained")
    document = outcome.to_json()
    assert 5 <= document["series"] <= 20
    assert document["scores"]["answers"] >= 3
    assert any(note.startswith("published: median over countries 2.45") for note in document["notes"])
    assert load_outcome(outcome.save(tmp_path / "saved")).to_json() == document


@pytest.mark.real_data
def test_eight_outbreaks_stand_beside_what_was_published(tmp_path: Path) -> None:
    outcome = find(PROTOCOLS, "r0-outbreaks")().run(untrained(), load_settings(home=tmp_path), "untrained")
    ranges = outcome.to_json()["ranges"]
    assert ranges["of"] == 8
    assert set(ranges["overlaps"]) == {"model", "model_told", "growth_rate", "mle", "cori", "least_squares"}
    by_name = {one["series"]: one["methods"] for one in ranges["series"]}
    # the growth of SARS in Hong Kong is as published
    assert by_name["SARS 2003, Hong Kong"]["growth_rate"]["overlaps"]
    assert load_outcome(outcome.save(tmp_path / "saved")).to_json() == outcome.to_json()
