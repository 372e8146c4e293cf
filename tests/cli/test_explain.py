"""`sgnn explain` on somebody's own table, and a draw made again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

Sgnn = Callable[..., tuple[int, str, str]]
SgnnJson = Callable[..., dict[str, Any]]


@pytest.fixture
def model(corpus: str) -> str:
    """Folder of an untrained forecaster of the corpus in the home folder."""
    from sgnn.corpus.reader import open_corpus
    from sgnn.learning.model import Model, save_model
    from sgnn.learning.task import make_task
    from sgnn.settings import load_settings

    settings = load_settings()
    opened = open_corpus(corpus, settings)
    series = next(one.name for one in opened.schema.variables if len(one.dims) == 1)
    torch.manual_seed(0)
    task = make_task("forecast", {"target": series, "width": 16, "depth": 1, "horizons": 1, "least_context": 4})
    about = {"corpus_content_digest": opened.content_digest}
    model = Model(task, task.network(opened.schema), opened.schema, about)
    return str(save_model(settings.models_folder / "untrained", model))


@pytest.fixture
def data(home: Path) -> Path:
    """Two series of ten weeks."""
    del home
    counts = np.random.default_rng(0).poisson(20, size=(2, 10))
    days = [date(2024, 1, 6) + timedelta(weeks=week) for week in range(10)]
    rows = [
        f"{name},{day},{count}"
        for name, row in zip("ab", counts, strict=True)
        for day, count in zip(days, row, strict=True)
    ]
    file = Path("data.csv")
    file.write_text("series,date,value\n" + "\n".join(rows) + "\n")
    return file


@pytest.fixture
def estimator(corpus: str) -> str:
    """Folder of an untrained estimator of the same corpus, whose series begin with their first count."""
    from sgnn.corpus.reader import open_corpus
    from sgnn.learning.model import Model, save_model
    from sgnn.learning.task import make_task
    from sgnn.settings import load_settings

    settings = load_settings()
    opened = open_corpus(corpus, settings)
    series = next(one.name for one in opened.schema.variables if len(one.dims) == 1)
    small = {"width": 8, "depth": 1, "embedding": 8, "shortest": 4}
    task = make_task("estimate", {"series": [series], "mechanism": True, "from_first_count": True, **small})
    about = {"corpus_content_digest": opened.content_digest}
    model = Model(task, task.network(opened.schema), opened.schema, about)
    return str(save_model(settings.models_folder / "estimator", model))


def test_an_estimator_is_asked_about_the_series_from_its_first_count_on(
    estimator: str, home: Path, sgnn_json: SgnnJson
) -> None:
    del home
    counts = np.random.default_rng(0).poisson(20, size=10)
    found = []
    for zeros in (0, 4):
        days = [date(2024, 1, 6) + timedelta(weeks=week) for week in range(10 + zeros)]
        rows = [f"a,{day},{count}" for day, count in zip(days, [0] * zeros + counts.tolist(), strict=True)]
        Path("own.csv").write_text("series,date,value\n" + "\n".join(rows) + "\n")
        found.append(sgnn_json("explain", estimator, "own.csv", "-k", "7")["series"][0]["neighbours"])
    assert found[0] == found[1]


def test_neighbours_come_with_their_provenance_and_what_they_say(
    model: str, data: Path, corpus: str, sgnn_json: SgnnJson
) -> None:
    answer = sgnn_json("explain", model, str(data), "-k", "7", "-o", "out")
    assert answer["corpus"] == corpus
    assert len(answer["content_digest"]) >= 16
    assert [one["series"] for one in answer["series"]] == ["a", "b"]
    for one in answer["series"]:
        assert len(one["neighbours"]) == 7
        assert 0.0 < one["typicality"] <= 1.0
        assert one["typical"] == (one["typicality"] >= 0.05)
        assert sum(one["mechanisms"].values()) == pytest.approx(1.0)
    assert json.loads(Path("out/explanation.json").read_text()) == answer
    table = pd.read_csv("out/neighbours.csv")
    assert table["draw"].tolist() == [near["draw"] for one in answer["series"] for near in one["neighbours"]]
    paths = pd.read_parquet("out/paths.parquet")
    assert set(paths["draw"]) == set(table["draw"])
    assert len(list(Path("out").glob("*.png"))) >= 2


def test_the_table_says_when_nothing_simulated_looks_like_it(model: str, data: Path, sgnn: Sgnn) -> None:
    status, out, err = sgnn("explain", model, str(data), "-k", "5", "--threshold", "1")
    assert status == 0, err
    assert out.count("nothing simulated looks like this") >= 1
    assert "nearest draw" in out


def test_a_draw_is_made_again_with_the_same_bytes(model: str, corpus: str, sgnn_json: SgnnJson) -> None:
    for arguments in ((model,), ("--corpus", corpus)):
        answer = sgnn_json("explain", *arguments, "--replay", "42")
        assert answer["same"] is True
        assert answer["different"] == []
        assert answer["draw"] == 42


def test_a_draw_that_is_not_what_is_stored_is_a_finding(
    corpus: str, sgnn: Sgnn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sgnn.simulation.generator import DrawGenerator

    made = DrawGenerator.draws
    monkeypatch.setattr(DrawGenerator, "draws", lambda self, start, stop: made(self, start + 1, stop + 1))
    status, out, _ = sgnn("explain", "--corpus", corpus, "--replay", "42")
    assert status == 1
    assert "draw 42" in out
    assert "differs in" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "needs a model and a table"),
        (("--replay", "1"), "whose draw is not said"),
        (("MODEL", "DATA", "-k", "5000"), "5000 neighbours asked for"),
        (("MODEL", "DATA", "-o", "taken"), "no folder of an explanation"),
        (("MODEL", "--replay", "100000"), "no draw 100000"),
        (("MODEL", "absent.csv"), "absent.csv does not exist"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], words: str, model: str, data: Path, sgnn: Sgnn
) -> None:
    Path("taken").write_text("mine")
    before = sorted(path.name for path in Path().iterdir())
    known = {"MODEL": model, "DATA": str(data)}
    status, out, err = sgnn("explain", *(known.get(one, one) for one in arguments))
    assert (status, out) == (2, "")
    assert words in err.strip().splitlines()[-1]
    assert sorted(path.name for path in Path().iterdir()) == before
    assert Path("taken").read_text() == "mine"
