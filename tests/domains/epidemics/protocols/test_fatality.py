"""The protocol `fatality`: deaths beside cases, and case fatality beside the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sgnn.domains.epidemics.protocols.fatality import FATALITY, LEAST_DEATHS, FatalOutbreaks, baselines, fatal_outbreaks
from sgnn.domains.epidemics.protocols.outbreak_draws import FIRST_DRAW
from sgnn.errors import DataError
from sgnn.evaluation.outcome import load_outcome
from sgnn.learning.forecast.levels import MEDIAN
from sgnn.settings import load_settings
from sgnn.simulation.registry import PROTOCOLS, find
from tests.domains.epidemics.protocols.untrained import untrained


@pytest.fixture(scope="module")
def outbreaks() -> FatalOutbreaks:
    """Held-out outbreaks with ten deaths or more."""
    made = fatal_outbreaks(FIRST_DRAW, FIRST_DRAW + 1000)
    return made.rows(np.nansum(made.deaths, axis=1) >= LEAST_DEATHS)


def test_of_every_outbreak_deaths_are_counted(outbreaks: FatalOutbreaks) -> None:
    np.testing.assert_array_equal(np.isnan(outbreaks.deaths), np.isnan(outbreaks.cases))
    assert len(outbreaks.cases) > 100
    assert ((outbreaks.fatality >= 0.0003) & (outbreaks.fatality <= 0.3)).all()


def test_case_fatality_is_higher_than_infection_fatality_and_lower_before_it_is_corrected(
    outbreaks: FatalOutbreaks,
) -> None:
    found = {name: one[:, MEDIAN] for name, one in baselines(outbreaks, outbreaks).items()}
    assert (found["case_fatality"] <= found["case_fatality_by_delay"] + 1e-9).all()
    assert np.median(found["case_fatality_by_delay"] / outbreaks.fatality) > 1.3
    errors = {name: np.median(np.abs(np.log(one / outbreaks.fatality))) for name, one in found.items()}
    # who knows the share reported and the delay is nearer than who knows neither
    assert errors["case_fatality_by_share_told"] < 0.6 * errors["case_fatality_by_share"]


def test_case_fatality_stands_beside_the_model(tmp_path: Path) -> None:
    outcome = find(PROTOCOLS, "fatality")(draws=150).run(untrained(), load_settings(home=tmp_path), "untrained")
    document = outcome.to_json()
    assert document["headline"] == FATALITY
    assert set(document["baselines"]) == {"prior", "case_fatality", "case_fatality_by_delay", "case_fatality_by_share"}
    assert set(document["informed"]) == {"case_fatality_by_share_told"}
    assert document["scores"]["answers"] == document["series"] > 10
    assert 0.0 <= document["figures"]["coverage_90_of_few_deaths"] <= 1.0
    assert load_outcome(outcome.save(tmp_path / "saved")).to_json() == document


def test_a_model_that_reads_no_deaths_is_refused(tmp_path: Path) -> None:
    model = untrained(further_series=[], further_targets=[])
    with pytest.raises(DataError, match="asks for infection_fatality"):
        find(PROTOCOLS, "fatality")(draws=15).run(model, load_settings(home=tmp_path))
