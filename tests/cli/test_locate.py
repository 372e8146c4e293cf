from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytestmark = pytest.mark.usefixtures("home")

Sgnn = Callable[..., tuple[int, str, str]]
SgnnJson = Callable[..., dict[str, Any]]
TIES = "a,b\nb,c\nc,d\nd,e\ne,a\nc,f\nf,g\nf,f\n"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Folder of an untrained model: its table is as whole as that of a good one."""
    from sgnn.learning.model import Model, save_model
    from sgnn.learning.task import make_task
    from sgnn.simulation import Schema

    schema = Schema((), (), (), ("cascades.si", "cascades.sir"))
    task = make_task("cascades.source", {"width": 8, "rounds": 1})
    folder = tmp_path_factory.mktemp("models") / "untrained"
    return str(save_model(folder, Model(task, task.network(schema), schema, {})))


def write(observed: str, ties: str = TIES) -> tuple[str, str]:
    Path("graph.csv").write_text(ties)
    Path("observed.csv").write_text(observed)
    return "graph.csv", "observed.csv"


def test_candidates_are_those_reached_and_the_unknown_near_them(model: str, sgnn_json: SgnnJson) -> None:
    tables = write("node,state\na,reached\nb,reached\nc,unknown\ng,unknown\n")
    answer = sgnn_json("locate", model, *tables, "-o", "out.csv", "--figure", "out.png")
    table = pd.read_csv("out.csv")
    assert list(table.columns) == ["rank", "node", "probability", "in_set"]
    assert set(table["node"]) == {"a", "b", "c"}
    assert table["probability"].sum() == pytest.approx(1.0)
    assert table["probability"].is_monotonic_decreasing
    assert table.loc[table["in_set"], "probability"].sum() >= 0.9
    assert answer["set"] == table.loc[table["in_set"], "node"].tolist()
    assert sum(answer["origins"].values()) == pytest.approx(1.0)
    assert answer["start"] is None
    assert answer["typicality"] is None
    assert Path("out.png").stat().st_size > 1000


def test_reached_nodes_that_hang_together_in_no_way_are_all_candidates(model: str, sgnn_json: SgnnJson) -> None:
    tables = write("node,state,time\na,reached,10\ng,reached,12\nx,reached,\n", TIES + "x,y\n")
    answer = sgnn_json("locate", model, *tables)
    assert {one["node"] for one in answer["posterior"]} == {"a", "g", "x"}
    assert len(answer["start"]) == 3


def test_times_that_all_move_by_as_much_say_the_same(model: str, sgnn_json: SgnnJson) -> None:
    early = sgnn_json("locate", model, *write("node,state,time\na,reached,1\nb,reached,2\nc,reached,4\n"))
    late = sgnn_json("locate", model, *write("node,state,time\na,reached,101\nb,reached,102\nc,reached,104\n"))
    assert [one["node"] for one in early["posterior"]] == [one["node"] for one in late["posterior"]]
    assert late["start"][1] == pytest.approx(early["start"][1] + 100.0, rel=1e-4)


def test_the_terminal_shows_ranks_the_set_and_what_was_left_out(model: str, sgnn: Sgnn) -> None:
    status, out, err = sgnn("locate", model, *write("node,state\na,reached\nb,reached\n"))
    assert status == 0
    assert "90 % credible set" in out
    assert "1 to the node itself" in err


@pytest.mark.parametrize(
    ("observed", "ties", "told"),
    [
        ("node,state\nq,reached\n", TIES, "node 'q' is not in the graph"),
        ("node,state\na,reached\n", "a,b\njunk\n", "graph.csv line 2"),
        ("node,state\na,unknown\n", TIES, "no node that was reached"),
    ],
)
def test_tables_that_make_no_sense_are_refused_and_nothing_is_written(
    model: str, sgnn: Sgnn, observed: str, ties: str, told: str
) -> None:
    status, out, err = sgnn("locate", model, *write(observed, ties), "-o", "out.csv")
    assert status == 2
    assert told in err
    assert len(err.strip().splitlines()) == 1
    assert not out
    assert not Path("out.csv").exists()
