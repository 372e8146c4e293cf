from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.usefixtures("home")

Sgnn = Callable[..., tuple[int, str, str]]
SgnnJson = Callable[..., dict[str, Any]]
DAYS = 30
FIRST = date(2020, 3, 1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folder of an untrained estimator: its table is as whole as that of a good one."""
    import torch

    from sgnn.learning.model import Model, save_model
    from sgnn.learning.task import make_task
    from sgnn.simulation import Dimension, Schema, Variable

    variables = (
        Variable("cases", ("day",), "float32", "", "observable"),
        Variable("deaths", ("day",), "float32", "", "observable", missing=True),
        Variable("r0", (), "float32", "1", "target"),
        Variable("infections", ("day",), "float32", "people", "target", missing=True),
        Variable("infection_fatality", (), "float32", "1", "target"),
    )
    schema = Schema((Dimension("day", 100, unit="day"),), variables, (), ("sir", "seir"))
    settings: dict[str, Any] = {
        "series": ["cases"],
        "targets": [{"name": "r0", "scale": "log"}],
        "mechanism": True,
        "joint": 2,
        "further_series": ["deaths"],
        "further_targets": [{"name": "infection_fatality", "scale": "logit"}],
    }
    settings["paths"] = [{"name": "infections", "scale": "count"}]
    # weights by which the judged outbreak is typical: of random ones one in twenty would say that it is not
    torch.manual_seed(0)
    task = make_task("estimate", {**settings, "width": 8, "depth": 1, "embedding": 8, "from_first_count": True})
    folder = tmp_path_factory.mktemp("models") / "untrained"
    return str(save_model(folder, Model(task, task.network(schema), schema, {})))


def rows(counts: list[int], first: date = FIRST) -> list[str]:
    return [f"a,{first + timedelta(days=at)},{count}" for at, count in enumerate(counts)]


def write(lines: list[str]) -> str:
    Path("data.csv").write_text("series,date,value\n" + "\n".join(lines) + "\n")
    return "data.csv"


def growing() -> list[int]:
    return [int(count) for count in np.random.default_rng(0).poisson(3.0 * np.exp(0.1 * np.arange(DAYS)))]


def test_a_table_has_quantiles_mechanisms_and_baselines(model: str, sgnn_json: SgnnJson) -> None:
    data = write(rows(growing()))
    told = ("--baselines", "--generation-interval", "5,3")
    answer = sgnn_json("estimate", model, data, "-o", "out.csv", *told)
    table = pd.read_csv("out.csv")
    assert list(table.columns) == ["series", "parameter", "unit", "quantile", "value", "typicality"]
    assert answer["rows"] == len(table) == 23 + 2 + 4 * 3
    (series,) = answer["series"]
    assert set(series["mechanisms"]) == {"sir", "seir"}
    assert 1.2 < series["parameters"]["r0 by growth_rate"]["quantiles"]["0.5"] < 2.2
    assert series["parameters"]["r0"]["unit"] == "1"


def test_infection_fatality_is_told_of_series_of_which_deaths_are_given(model: str, sgnn_json: SgnnJson) -> None:
    both = [f"{row},{at % 3}" for at, row in enumerate(rows(growing()))]
    cases_alone = [f"b{row[1:]}," for row in rows(growing())]
    Path("data.csv").write_text("series,date,value,deaths\n" + "\n".join([*both, *cases_alone]) + "\n")
    with_deaths, without = sgnn_json("estimate", model, "data.csv")["series"]
    assert with_deaths["parameters"].keys() - without["parameters"].keys() == {"infection_fatality"}
    assert 0.0 < with_deaths["parameters"]["infection_fatality"]["quantiles"]["0.5"] < 1.0
    (alone,) = sgnn_json("estimate", model, write(rows(growing())))["series"]
    assert alone["parameters"].keys() == {"r0"}
    for one in (with_deaths, without):
        assert one["parameters"]["r0"]["quantiles"] == pytest.approx(alone["parameters"]["r0"]["quantiles"], rel=1e-3)
        assert one["mechanisms"] == pytest.approx(alone["mechanisms"], rel=1e-3)


@pytest.mark.parametrize(
    ("heading", "row", "message"),
    [
        ("series,date,deaths", "", "has the columns series, date, deaths"),
        ("series,date,value,deaths", ",-1", "negative"),
    ],
)
def test_deaths_without_cases_or_below_none_are_one_line(
    model: str, sgnn: Sgnn, heading: str, row: str, message: str
) -> None:
    lines = [f"{one}{row}" for one in rows(growing())]
    Path("data.csv").write_text(heading + "\n" + "\n".join(lines) + "\n")
    code, out, err = sgnn("estimate", model, "data.csv", "-o", "out.csv")
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.strip().splitlines()) == 1
    assert not Path("out.csv").exists()


@pytest.fixture(scope="module")
def judged(model: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same model with a domain: outbreaks that grow evenly."""
    from dataclasses import replace

    from sgnn.learning.domain import Domain, View, cloud
    from sgnn.learning.model import load_model, save_model

    known = load_model(model)
    chance = np.random.default_rng(0)
    rates = chance.uniform(0.05, 0.15, (400, 1))
    cases = chance.poisson(3.0 * np.exp(rates * np.arange(DAYS))).astype(np.float32)
    embeddings = known.embed_draws({"cases": cases}).astype(np.float64)
    domain = Domain((View(13, 100, False, cloud(embeddings[:300], embeddings[300:]), None),))
    folder = tmp_path_factory.mktemp("judged") / "model"
    return str(save_model(folder, replace(known, domain=domain)))


def test_an_outbreak_like_those_simulated_is_typical_and_another_is_said_not_to_be(
    judged: str, sgnn: Sgnn, sgnn_json: SgnnJson
) -> None:
    (series,) = sgnn_json("estimate", judged, write(rows(growing())), "-o", "out.csv")["series"]
    assert series["typicality"] > 0.05
    assert series["message"] == ""
    np.testing.assert_allclose(pd.read_csv("out.csv")["typicality"], round(series["typicality"], 4))
    data = write(rows([100_000 * (day % 2) + 1 for day in range(DAYS)]))
    (series,) = sgnn_json("estimate", judged, data)["series"]
    assert series["typicality"] < 0.05
    assert series["message"] == "nothing simulated looks like this"
    assert "nothing simulated looks like this: a" in sgnn("estimate", judged, data)[2]


def test_paths_and_draws_of_the_joint_posterior_are_written_beside_it(model: str, sgnn_json: SgnnJson) -> None:
    data = write(rows([0, 0, *growing()]))
    files = ("--paths", "paths.csv", "--posterior", "draws.parquet", "--draws", "7", "--figure", "paths.png")
    (series,) = sgnn_json("estimate", model, data, *files)["series"]
    table = pd.read_csv("paths.csv")
    assert list(table.columns) == ["series", "path", "unit", "date", "quantile", "value"]
    assert len(table) == DAYS * 23
    first = series["paths"]["infections"]["first"]
    assert table["date"].iloc[0] == first == f"{FIRST + timedelta(days=2)}"
    assert len(series["paths"]["infections"]["quantiles"]["0.5"]) == DAYS
    draws = pd.read_parquet("draws.parquet")
    assert list(draws.columns) == ["series", "draw", "r0"]
    assert len(draws) == 7
    assert Path("paths.png").read_bytes().startswith(b"\x89PNG")


def test_a_model_without_paths_writes_nothing_when_asked_for_them(model: str, sgnn: Sgnn) -> None:
    from sgnn.learning.model import Model, load_model, save_model
    from sgnn.learning.task import make_task

    known = load_model(model)
    task = make_task("estimate", {**known.task.settings, "paths": [], "joint": 0})
    bare = str(save_model(Path("bare"), Model(task, task.network(known.schema), known.schema, {})))
    asked = (
        ("--paths", "more.csv", "no time paths"),
        ("--posterior", "more.csv", "no joint posterior"),
        ("--figure", "more.png", "no time paths"),
        ("--figure", "more.jpg", "does not end in .png"),
    )
    for option, file, words in asked:
        code, _, err = sgnn("estimate", bare, write(rows(growing())), "-o", "out.csv", option, file)
        assert code == 2
        assert words in err
        assert not Path("out.csv").exists()
        assert not Path(file).exists()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (rows([*growing()[:5], -3, *growing()[6:]]), "row 7, column value: '-3' is negative"),
        (rows(growing()[:2]), "2 dates"),
        (rows([0] * DAYS), "series 'a' has no count above zero"),
        (rows(growing(), date.today() - timedelta(days=3)), "which is after today"),
        ([*rows(growing()), rows(growing())[3]], "twice"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(model: str, sgnn: Sgnn, lines: list[str], message: str) -> None:
    code, out, err = sgnn("estimate", model, write(lines), "-o", "out.csv")
    assert code == 2
    assert out == ""
    assert message in err
    assert len(err.strip().splitlines()) == 1
    assert not Path("out.csv").exists()


def test_baselines_that_are_not_told_the_interval_are_refused(model: str, sgnn: Sgnn) -> None:
    code, _, err = sgnn("estimate", model, write(rows(growing())), "--baselines")
    assert code == 2
    assert "generation interval" in err


def test_a_model_that_estimates_is_not_asked_for_a_forecast(model: str, sgnn: Sgnn) -> None:
    code, _, err = sgnn("forecast", model, write(rows(growing())), "--horizon", "2", "-o", "out.csv")
    assert code == 2
    assert "does not forecast" in err
