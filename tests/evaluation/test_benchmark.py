"""The benchmark document: scores by every cut, kept and read again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sgnn.evaluation.baselines import baseline_forecasts
from sgnn.evaluation.benchmark import MODEL, Benchmark, Forecasts, Published, load_benchmark
from sgnn.evaluation.table import difference_table, group_table, score_table, variant_table
from sgnn.learning.forecast.quantiles import LEVELS

from .conftest import Oracle


@pytest.fixture(scope="module")
def benchmark(waves: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Benchmark:
    origins = tuple(range(20, 60, 4))
    own = Oracle(waves).predict(None, list(origins), 4)["forecast"].to_numpy()  # type: ignore[arg-type]
    others = baseline_forecasts(waves, origins, 4, ["last_value", "damped_drift"], tmp_path_factory.mktemp("cache"))
    truth = np.stack([waves[:, o + 1 : o + 5] for o in origins], axis=1)
    dates = tuple(str(np.datetime64("2020-08-01") + 7 * week) for week in range(68))
    names = tuple("abcdef")
    forecasts = Forecasts({MODEL: own, **others}, truth, np.array(LEVELS), names, origins, waves, dates)
    return Benchmark(
        "made-up", "oracle/1", forecasts, {"again": forecasts}, (Published("elsewhere", 0.6, "paper"),), {"f": "00"},
        groups={"odd": (0, 2, 4), "even": (1, 3, 5)},
    )  # fmt: skip


def test_the_document_has_the_keys_that_programs_read(benchmark: Benchmark) -> None:
    document = json.loads(json.dumps(benchmark.to_json()))
    assert {"protocol", "model", "scores", "by_horizon", "baselines"} <= set(document)
    assert set(document["scores"]["coverage"]) == {"50", "80", "90", "95"}
    assert [row["horizon"] for row in document["by_horizon"]] == [1, 2, 3, 4]
    assert set(document["baselines"]) == {"last_value", "damped_drift"}
    assert document["baselines"]["last_value"]["relative_mae"] == pytest.approx(1.0)
    assert document["scores"]["relative_mae"] < 0.9
    assert any("not resolvable" in note for note in document["notes"])


def test_parts_add_up_to_the_whole(benchmark: Benchmark) -> None:
    document = benchmark.to_json()
    for cut in ("by_horizon", "by_series", "by_origin"):
        assert np.mean([row["mae"] for row in document[cut]]) == pytest.approx(document["scores"]["mae"])
    groups = document["groups"]
    assert np.mean([groups[name]["scores"]["mae"] for name in ("odd", "even")]) == pytest.approx(
        document["scores"]["mae"]
    )


def test_a_saved_benchmark_reads_the_same(benchmark: Benchmark, tmp_path: Path) -> None:
    folder = benchmark.save(tmp_path / "kept")
    again = load_benchmark(folder)
    assert again.to_json() == benchmark.to_json()
    np.testing.assert_array_equal(again.forecasts.methods[MODEL], benchmark.forecasts.methods[MODEL])
    benchmark.save(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_tables_mark_the_best_and_set_published_figures_apart(benchmark: Benchmark) -> None:
    document = benchmark.to_json()
    table = score_table(document)
    assert (0, 1) in table.best
    assert table.rows[-1][0] == "elsewhere (published)"
    assert "| **" in table.to_markdown()
    assert '<tr class="apart">' in table.to_html()
    assert difference_table(document).rows[0][2] == "model better"
    assert variant_table(document).rows[1][0] == "again"
    assert {row[0] for row in group_table(document).rows} == {"odd", "even"}
