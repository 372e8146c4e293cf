"""The protocol `r0-early`: draws that no corpus holds, noise that is looked for, baselines beside the model."""

from __future__ import annotations

import numpy as np
import pytest

from sgnn.corpus.assembly import generator_of, identity
from sgnn.domains.epidemics.protocols.outbreak_draws import (
    FIRST_DRAW,
    LATENT,
    LEAST_CASES,
    MODELS,
    SECTION,
    outbreak_draws,
    require_noise,
)
from sgnn.domains.epidemics.protocols.r0_early import R0Early
from sgnn.errors import DataError
from sgnn.settings import load_settings
from sgnn.simulation.registry import PROTOCOLS, find
from tests.domains.epidemics.protocols.untrained import RECIPE, untrained


def test_the_protocol_draws_from_the_prior_that_the_recipe_learns_and_from_no_draw_of_it() -> None:
    own, learnt = identity(SECTION), identity(RECIPE.corpus)
    names = [one["name"] for one in own["simulators"]]
    same = [one for one in learnt["simulators"] if one["name"] in names]
    assert [one | {"weight": 1.0} for one in own["simulators"]] == [one | {"weight": 1.0} for one in same]
    assert own["seed"] != learnt["seed"]
    assert RECIPE.corpus.draws < FIRST_DRAW


def test_what_the_recipe_adds_to_the_observation_is_not_there_in_outbreaks_of_the_published_task() -> None:
    # one key for both: the same draws of the same mechanism must then be seen alike
    wide = RECIPE.corpus.model_copy(update={"simulators": SECTION.simulators, "keep": None})
    own, learnt = (generator_of(section, "same").draws(0, 60).arrays for section in (SECTION, wide))
    for name, values in own.items():
        np.testing.assert_array_equal(learnt[name], values)


def test_outbreaks_are_seen_from_their_first_report_and_never_as_they_are() -> None:
    outbreaks = outbreak_draws(FIRST_DRAW, FIRST_DRAW + 40)
    assert len(outbreaks.cases) + outbreaks.left_out == 40
    assert np.nansum(outbreaks.cases, axis=1).min() >= LEAST_CASES
    assert (outbreaks.cases[:, 0] > 0).all()
    assert outbreaks.truth["r0"].min() >= 0.9


def test_clean_data_are_refused() -> None:
    latent = np.arange(50.0)[None]
    shifted = np.full((1, 50), np.nan)
    shifted[0, :30] = latent[0, 10:40]
    with pytest.raises(DataError, match="is its latent series"):
        require_noise(latent, shifted)
    shifted[0, 4] += 1.0
    require_noise(latent, shifted)


def test_the_recipe_keeps_the_latent_series_that_noise_is_looked_for_in() -> None:
    assert RECIPE.corpus.keep is not None
    assert LATENT in RECIPE.corpus.keep


def test_every_baseline_is_scored_beside_the_model_and_those_told_more_stand_apart(tmp_path: object) -> None:
    protocol = find(PROTOCOLS, "r0-early")(draws=20)
    document = protocol.run(untrained(), load_settings(home=tmp_path), "untrained").to_json()
    assert set(document["baselines"]) == {"prior", "abc", "growth_rate", "mle", "cori", "least_squares"}
    informed = ("growth_rate", "mle", "cori", "least_squares", "model")
    assert set(document["informed"]) == {f"{name}_told" for name in informed}
    assert {"mean_percent_error", "mean_squared_error", "coverage"} <= set(document["scores"])
    assert set(document["parameters"]) == {"r0", "generation_interval", "attack_rate", "report_cases.share_start"}
    assert set(document["mechanism"]["mechanisms"]) == {f"epidemics.outbreak_{one}" for one in MODELS}
    assert any("nobody intervenes" in note for note in document["notes"])
    assert any("noise" in note for note in document["notes"])


def test_a_model_that_does_not_estimate_r0_is_refused(tmp_path: object) -> None:
    model = untrained(targets=[{"name": "attack_rate"}])
    with pytest.raises(DataError, match="asks for r0"):
        R0Early(draws=20).run(model, load_settings(home=tmp_path))
