"""The domain of a model is made with it, kept with it, and judges by what is known at an origin alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from sgnn.attribution.drawn import drawn, gathered
from sgnn.attribution.explain import explain
from sgnn.learning.judging import judge, judge_origins, judge_panel, make_domain
from sgnn.learning.model import Model, load_model, save_model
from tests.attribution.conftest import Seen


@pytest.fixture(scope="module")
def model(seen: Seen) -> Model:
    """The forecaster with what it was taught by: eighteen or more draws kept apart judge each length."""
    domain = make_domain(seen.model, [(seen.corpus, 1.0)])
    assert domain is not None
    return replace(seen.model, domain=domain)


def panel(seen: Seen, rows: int = 6) -> xr.Dataset:
    """Draws as if they were real."""
    arrays = gathered(drawn(seen.corpus, ("deaths", "admissions"), "test")).arrays
    series = {name: (("series", "time"), arrays[name][:rows]) for name in ("deaths", "admissions")}
    steps = arrays["deaths"].shape[1]
    found = xr.Dataset(series, coords={"series": [f"s{row}" for row in range(rows)], "time": np.arange(steps)})
    return found.rename(deaths="value")


def test_every_length_is_judged_with_and_without_the_covariate(model: Model) -> None:
    assert model.domain is not None
    spans = [(one.above, one.upto) for one in model.domain.views if not one.alone]
    steps = model.schema.dimension(model.schema.variable("deaths").dims[0]).size
    assert spans[0][0] == model.task.fewest_steps - 1
    assert spans[-1][1] == steps
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert [(one.above, one.upto) for one in model.domain.views if one.alone] == spans


def test_a_model_keeps_its_domain_and_judges_the_same(model: Model, seen: Seen, tmp_path: Path) -> None:
    again = load_model(save_model(tmp_path / "model", model))
    own, theirs = judge_panel(model, panel(seen)), judge_panel(again, panel(seen))
    assert own is not None
    assert theirs is not None
    np.testing.assert_array_equal(own.typicality, theirs.typicality)
    save_model(tmp_path / "model", replace(model, domain=None))
    assert judge_panel(load_model(tmp_path / "model"), panel(seen)) is None


def test_nothing_after_an_origin_is_judged(model: Model, seen: Seen) -> None:
    given = panel(seen)
    origin = 30
    later = given.where(given["time"] <= origin, 1e6)
    one, other = (judge_origins(model, each, [origin]) for each in (given, later))
    assert one is not None
    assert other is not None
    np.testing.assert_array_equal(one[0].typicality, other[0].typicality)


def test_a_series_without_its_covariate_is_held_against_draws_without_it(model: Model, seen: Seen) -> None:
    assert model.domain is not None
    alone = judge_panel(model, panel(seen).drop_vars("admissions"))
    assert alone is not None
    views = tuple(one for one in model.domain.views if not one.alone)
    against = judge_panel(
        replace(model, domain=replace(model.domain, views=views)), panel(seen).drop_vars("admissions")
    )
    assert against is not None
    assert (alone.embedding != against.embedding).any()


def test_a_series_like_nothing_simulated_is_as_far_as_can_be_told(model: Model, seen: Seen) -> None:
    steps = panel(seen).sizes["time"]
    jagged = np.where(np.arange(steps) % 2, 1e6, 0.0).astype(np.float32)[None]
    found = judge(model, {"deaths": jagged, "admissions": jagged[:, ::-1]})
    assert found is not None
    assert found.prior_predictive[0] == 1 / (1 + found.judges)


def test_an_explanation_and_an_answer_have_the_same_typicality(model: Model, seen: Seen) -> None:
    shown = model.task.shown(panel(seen))
    own = judge(model, shown)
    assert own is not None
    np.testing.assert_array_equal(explain(model, seen.index, shown, 5).typicality, own.typicality)
