from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

Sgnn = Callable[..., tuple[int, str, str]]
SgnnJson = Callable[..., dict[str, Any]]
WEEKS = 20


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folder of an untrained forecaster: its quantiles are as ordered and its table as whole as those of a good one."""
    from sgnn.learning.model import Model, save_model
    from sgnn.learning.task import make_task
    from sgnn.simulation import Dimension, Schema, Variable

    dims = (Dimension("week", 60),)
    names = ("deaths", "admissions")
    schema = Schema(dims, tuple(Variable(name, ("week",), "float32", "", "observable") for name in names), (), ("a",))
    task = make_task("forecast", {"target": "deaths", "covariates": ["admissions"], "width": 16, "depth": 1})
    folder = tmp_path_factory.mktemp("models") / "untrained"
    return str(save_model(folder, Model(task, task.network(schema), schema, {})))


@pytest.fixture
def data(home: Path) -> Path:
    """Two series of 20 weeks, with one value missing."""
    del home
    counts = np.random.default_rng(0).poisson(40, size=(2, WEEKS))
    days = [date(2024, 1, 6) + timedelta(weeks=week) for week in range(WEEKS)]
    rows = [
        f"{name},{day},{count}"
        for name, row in zip("ab", counts, strict=True)
        for day, count in zip(days, row, strict=True)
    ]
    rows[3] = rows[3].rpartition(",")[0] + ","
    file = Path("data.csv")
    file.write_text("series,date,value\n" + "\n".join(rows) + "\n")
    return file


def test_a_forecast_has_a_row_for_each_series_origin_horizon_and_quantile(
    model: str, data: Path, sgnn_json: SgnnJson
) -> None:
    answer = sgnn_json("forecast", model, str(data), "--horizon", "4", "-o", "out.csv")
    table = pd.read_csv("out.csv")
    assert list(table.columns) == ["series", "origin", "horizon", "date", "quantile", "value"]
    assert answer["rows"] == len(table) == 2 * 1 * 4 * 23
    assert set(table["origin"]) == {"2024-05-18"}
    assert table["date"].min() == "2024-05-25"
    by_step = table.groupby(["series", "horizon"])["value"]
    assert by_step.apply(lambda values: values.is_monotonic_increasing).all()


def test_origins_see_nothing_after_them(model: str, data: Path, sgnn_json: SgnnJson) -> None:
    sgnn_json("forecast", model, str(data), "--horizon", "2", "-o", "all.csv", "--origins", "all")
    lines = data.read_text().splitlines()
    cut = [line for line in lines if line.startswith("series") or line.split(",")[1] <= "2024-04-06"]
    Path("past.csv").write_text("\n".join(cut) + "\n")
    sgnn_json("forecast", model, "past.csv", "--horizon", "2", "-o", "past-out.csv")
    whole, past = pd.read_csv("all.csv"), pd.read_csv("past-out.csv")
    same = whole[whole["origin"] == "2024-04-06"].reset_index(drop=True)
    # batches of other sizes round otherwise; what leaks moves more
    pd.testing.assert_frame_equal(same, past, rtol=1e-3)


def test_recalibrated_forecasts_see_nothing_after_their_origin_and_keep_their_median(
    model: str, data: Path, sgnn_json: SgnnJson
) -> None:
    asked = ("--horizon", "2", "--recalibrate", "width")
    sgnn_json("forecast", model, str(data), *asked, "-o", "all.csv", "--origins", "all")
    lines = data.read_text().splitlines()
    cut = [line for line in lines if line.startswith("series") or line.split(",")[1] <= "2024-04-06"]
    Path("past.csv").write_text("\n".join(cut) + "\n")
    sgnn_json("forecast", model, "past.csv", *asked, "-o", "past-out.csv")
    sgnn_json("forecast", model, "past.csv", "--horizon", "2", "-o", "plain.csv")
    whole, past, plain = (pd.read_csv(name) for name in ("all.csv", "past-out.csv", "plain.csv"))
    same = whole[whole["origin"] == "2024-04-06"].reset_index(drop=True)
    # batches of other sizes round otherwise; what leaks moves more
    pd.testing.assert_frame_equal(same, past, rtol=1e-3)
    middle = past["quantile"] == 0.5
    np.testing.assert_allclose(past["value"][middle], plain["value"][middle], atol=2e-3)
    assert not np.allclose(past["value"], plain["value"])


def test_typicality_is_a_column_where_asked_for_and_has_none_in_the_hub_format(
    model: str, data: Path, sgnn: Sgnn, sgnn_json: SgnnJson
) -> None:
    answer = sgnn_json("forecast", model, str(data), "--horizon", "1", "-o", "out.csv", "--typicality")
    assert [(one["series"], one["typicality"], one["message"]) for one in answer["typicality"]] == [
        ("a", None, ""),
        ("b", None, ""),
    ]
    table = pd.read_csv("out.csv")
    assert table.columns[-1] == "typicality"
    assert table["typicality"].isna().all()
    hub = ("--horizon", "1", "-o", "hub.csv", "--format", "hub", "--typicality")
    status, _, err = sgnn("forecast", model, str(data), *hub)
    assert status == 2
    assert "no column for typicality" in err
    assert not Path("hub.csv").exists()


def test_the_hub_format_names_target_and_output_type(model: str, data: Path, sgnn: Sgnn) -> None:
    status, out, err = sgnn(
        *("forecast", model, str(data), "--horizon", "1", "-o", "hub.csv", "--format", "hub", "--target", "wk flu hosp")
    )
    assert status == 0, err
    assert out == "hub.csv: 2 series from 1 origins, 1 steps ahead, 46 rows\n"
    table = pd.read_csv("hub.csv")
    assert set(table["target"]) == {"wk flu hosp"}
    assert set(table["output_type"]) == {"quantile"}
    assert {"output_type_id", "target_end_date", "location", "value", "horizon"} <= set(table.columns)


def test_which_columns_are_used_is_said(model: str, data: Path, sgnn: Sgnn) -> None:
    table = pd.read_csv(data)
    table.assign(admision=1).to_csv("extra.csv", index=False)
    _, _, err = sgnn("forecast", model, "extra.csv", "--horizon", "1", "-o", "out.csv")
    assert "column admision is not used: the model knows admissions" in err
    assert "forecasting without admissions" in err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("series,date,value", "a,b,c"), "bad.csv has the columns a, b, c"),
        (lambda text: text.replace("2024-02-03", "3 Feb"), "column date: '3 Feb' is no date"),
        (lambda text: text.replace("a,2024-02-10,", "a,2024-02-10,many"), "bad.csv row 7, column value: 'many"),
        (
            lambda text: "\n".join(line for line in text.splitlines() if "2024-03-02" not in line),
            "no row for 2024-03-02",
        ),
        (lambda text: "\n".join(text.splitlines()[:6]), "bad.csv has 5 dates"),
        (lambda _: "", "bad.csv is not a readable CSV table"),
    ],
)
def test_a_bad_table_is_one_line_status_2_and_nothing_written(
    model: str, data: Path, sgnn: Sgnn, change: Callable[[str], str], said: str
) -> None:
    Path("bad.csv").write_text(change(data.read_text()))
    status, out, err = sgnn("forecast", model, "bad.csv", "--horizon", "4", "-o", "out.csv")
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1
    assert not Path("out.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["MODEL", "data.csv", "--horizon", "99", "-o", "out.csv"], "horizon 99"),
        (["MODEL", "data.csv", "--horizon", "4", "-o", "out.csv", "--origins", "2019-01-01"], "origin '2019-01-01'"),
        (["MODEL", "none.csv", "--horizon", "4", "-o", "out.csv"], "none.csv does not exist"),
        (["MODEL", "data.csv", "--horizon", "4", "-o", "no/such/folder/out.csv"], "no/such/folder/out.csv"),
        (["nobody", "data.csv", "--horizon", "4", "-o", "out.csv"], "no model named 'nobody'"),
        (["not a model!", "data.csv", "--horizon", "4", "-o", "out.csv"], "'not a model!'"),
    ],
)
def test_a_wrong_argument_is_one_line_status_2_and_nothing_written(
    model: str, data: Path, sgnn: Sgnn, arguments: list[str], said: str
) -> None:
    del data
    status, out, err = sgnn("forecast", *[model if word == "MODEL" else word for word in arguments])
    assert (status, out) == (2, "")
    assert said in err.splitlines()[-1]
    assert err.splitlines()[-1].startswith("error: ")
    assert not Path("out.csv").exists()
