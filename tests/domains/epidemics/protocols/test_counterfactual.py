"""The protocol `counterfactual`: the truth is the paired run, the textbook stands beside the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sgnn.domains.epidemics.protocols.counterfactual import ACTUAL, CONTAINED, WITHOUT, Counterfactual, final_size
from sgnn.domains.epidemics.protocols.outbreak_draws import FIRST_DRAW, outbreak_draws
from sgnn.errors import DataError
from sgnn.evaluation.outcome import load_outcome
from sgnn.settings import load_settings
from sgnn.simulation.registry import PROTOCOLS, find
from tests.domains.epidemics.protocols.untrained import untrained


def test_a_final_size_solves_its_equation() -> None:
    r0 = np.array([[1.2, 2.0], [5.0, 12.0]])
    size = final_size(r0)
    np.testing.assert_allclose(size, 1.0 - np.exp(-r0 * size), atol=1e-9)
    assert (size > 0.1).all()
    assert final_size(np.array([0.5, 1.0])).tolist() == [0.0, 0.0]
    assert np.isnan(final_size(np.array([np.nan]))).all()


def test_more_would_have_been_infected_without_the_cut() -> None:
    outbreaks = outbreak_draws(FIRST_DRAW, FIRST_DRAW + 200, CONTAINED)
    actual, without = outbreaks.truth[ACTUAL], outbreaks.truth[WITHOUT]
    assert without.mean() > 1.3 * actual.mean()


def test_the_textbook_stands_beside_the_model(tmp_path: Path) -> None:
    outcome = find(PROTOCOLS, "counterfactual")(draws=15).run(untrained(), load_settings(home=tmp_path), "untrained")
    document = outcome.to_json()
    assert document["headline"] == WITHOUT
    assert any(note.startswith("joint posterior") for note in document["notes"])
    assert 0.0 <= document["figures"]["joint_coverage_gap"] <= 0.95
    classical = {f"final_size_by_{method}" for method in ("growth_rate", "mle", "cori", "least_squares")}
    assert set(document["baselines"]) == {"prior", *classical}
    assert load_outcome(outcome.save(tmp_path / "saved")).to_json() == document


def test_a_model_without_the_counterfactual_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="asks for attack_rate_without"):
        Counterfactual(draws=15).run(untrained(targets=[{"name": "r0"}]), load_settings(home=tmp_path))
