"""`sgnn explain` on a cascade seen on somebody's own graph."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from sgnn.settings import load_settings

Sgnn = Callable[..., tuple[int, str, str]]
SgnnJson = Callable[..., dict[str, Any]]


@pytest.fixture
def model(home: Path) -> str:
    """Folder of an untrained model of sources, beside a corpus of small cascades."""
    from sgnn.corpus.build import commit, make_block, prepare
    from sgnn.corpus.reader import open_corpus
    from sgnn.corpus.recipe import load_recipe
    from sgnn.learning.model import Model, save_model
    from sgnn.learning.task import make_task

    settings, recipe = load_settings(home=home), load_recipe("cascades")
    changed = {"draws": 128, "block_draws": 128, "settings": {"nodes": 120, "most": 40}}
    corpus = recipe.corpus.model_copy(update=changed)
    plan = prepare(recipe.model_copy(update={"corpus": corpus}), settings)
    for block in plan.missing:
        make_block(plan.to_json([block]), block)
    commit(plan)
    opened = open_corpus("cascades", settings)
    torch.manual_seed(0)
    task = make_task("cascades.source", {"width": 8, "rounds": 1})
    about = {"corpus_content_digest": opened.content_digest}
    return str(
        save_model(settings.models_folder / "untrained", Model(task, task.network(opened.schema), opened.schema, about))
    )


@pytest.fixture
def tables() -> tuple[str, str]:
    """What was seen of a ring with a chord, and its ties."""
    Path("ties.csv").write_text("a,b\nb,c\nc,d\nd,e\ne,f\nf,a\na,d\n")
    Path("seen.csv").write_text("node,state,time\na,reached,1\nb,reached,2\nd,reached,\nc,unknown,\n")
    return "seen.csv", "ties.csv"


def test_a_cascade_has_neighbours_and_pictures_of_where_they_began(
    model: str, tables: tuple[str, str], sgnn_json: SgnnJson
) -> None:
    seen, ties = tables
    answer = sgnn_json("explain", model, seen, "--graph", ties, "-k", "6", "-o", "out")
    (one,) = answer["series"]
    assert one["series"] == "seen"
    assert len(one["neighbours"]) == 6
    assert sum(one["mechanisms"].values()) == pytest.approx(1.0)
    assert {"reports", "parts", "inside"} <= one["checks"].keys()
    # what only makes a draw again says nothing of it
    told = {parameter["parameter"] for parameter in one["parameters"]}
    assert "nodes" in told
    assert "graph_seed" not in told
    assert answer["length"] is None
    pictures = {path.name for path in Path("out").glob("*.png")}
    assert pictures == {"001-seen-neighbours.png", "001-seen-parameters.png"}
    assert pd.read_csv("out/neighbours.csv")["draw"].tolist() == [near["draw"] for near in one["neighbours"]]


def test_a_cascade_told_as_a_table_of_series_is_one_line(model: str, tables: tuple[str, str], sgnn: Sgnn) -> None:
    del tables
    Path("series.csv").write_text("series,date,value\n" + "".join(f"a,2024-01-{day:02d},3\n" for day in range(1, 20)))
    status, out, err = sgnn("explain", model, "series.csv")
    assert (status, out) == (2, "")
    assert "does not look at series" in err.strip().splitlines()[-1]


def test_a_node_that_the_graph_lacks_is_one_line(model: str, tables: tuple[str, str], sgnn: Sgnn) -> None:
    Path("odd.csv").write_text("node,state\nnobody,reached\n")
    status, out, err = sgnn("explain", model, "odd.csv", "--graph", tables[1], "-o", "out")
    assert (status, out) == (2, "")
    assert "nobody" in err.strip().splitlines()[-1]
    assert not Path("out").exists()
