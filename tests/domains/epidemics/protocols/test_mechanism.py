"""The protocol `mechanism`: four models, draws of its own, criteria beside the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sgnn.domains.epidemics.protocols.mechanism import NAMES, OWN_DRAW, Mechanism
from sgnn.domains.epidemics.protocols.outbreak_draws import FIRST_DRAW
from sgnn.domains.epidemics.protocols.r0_early import DRAWS
from sgnn.errors import DataError
from sgnn.evaluation.outcome import load_outcome
from sgnn.settings import load_settings
from sgnn.simulation.registry import PROTOCOLS, find
from tests.domains.epidemics.protocols.untrained import RECIPE, untrained


def test_every_method_names_one_of_the_four_with_a_probability(tmp_path: Path) -> None:
    outcome = find(PROTOCOLS, "mechanism")(draws=10).run(untrained(), load_settings(home=tmp_path), "untrained")
    document = outcome.to_json()["mechanism"]
    assert set(document["baselines"]) == {"aic", "bic", "prior"}
    assert document["mechanisms"] == list(NAMES)
    for one in outcome.estimates.probabilities.values():
        np.testing.assert_allclose(one.sum(axis=1), 1.0, atol=1e-6)
    assert sum(map(sum, document["confusion"]["aic"])) == outcome.to_json()["series"]
    # read as it was saved
    assert load_outcome(outcome.save(tmp_path / "saved")).to_json() == outcome.to_json()


def test_no_draw_of_another_protocol_or_of_the_corpus_is_asked_about() -> None:
    assert OWN_DRAW > FIRST_DRAW + DRAWS > RECIPE.corpus.draws


def test_a_model_that_names_no_mechanism_is_refused(tmp_path: object) -> None:
    with pytest.raises(DataError, match="no mechanism"):
        Mechanism(draws=12).run(untrained(mechanism=False), load_settings(home=tmp_path))
