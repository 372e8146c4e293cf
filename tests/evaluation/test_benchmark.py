"""The benchmark document: scores by every cut, kept and read again."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from sgnn.evaluation.baselines import baseline_forecasts
from sgnn.evaluation.benchmark import MODEL, Benchmark, Forecasts, Published, load_benchmark
from sgnn.evaluation.table import Table, difference_table, group_table, score_table, variant_table
from sgnn.learning.forecast.levels import LEVELS

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
    last = document["baselines"]["last_value"]
    assert np.mean(last["mae_by_origin"]) == pytest.approx(last["mae"])
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


def test_every_score_has_an_interval_that_holds_it(benchmark: Benchmark) -> None:
    document = benchmark.to_json()
    intervals = document["intervals"]["methods"]["model"]
    for score in ("mae", "wis", "relative_mae", "relative_wis", "skill"):
        low, high = intervals[score]
        assert low <= document["scores"][score] <= high
    for percent, share in document["scores"]["coverage"].items():
        low, high = intervals["coverage"][percent]
        assert low <= share <= high
    assert set(document["intervals"]["differences"]) == set(document["baselines"])
    assert len(document["intervals"]["by_series"]) == len(document["by_series"])


def test_forecasts_are_an_xarray_dataset_with_dates(benchmark: Benchmark) -> None:
    data = benchmark.forecasts.to_dataset()
    assert dict(data["forecast"].sizes) == {"forecaster": 3, "series": 6, "origin": 10, "horizon": 4, "quantile": 23}
    one = data.sel(forecaster=MODEL, series="b", quantile=0.5).isel(origin=2)
    np.testing.assert_array_equal(one["forecast"], benchmark.forecasts.methods[MODEL][1, 2, :, 11])
    assert one["origin"].to_numpy() == np.datetime64("2020-08-01") + 7 * benchmark.forecasts.origins[2]


def test_a_failed_save_leaves_what_was_there(
    benchmark: Benchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = benchmark.save(tmp_path / "kept")
    before = (folder / "benchmark.json").read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="No space left"):
        benchmark.save(folder)
    assert (folder / "benchmark.json").read_bytes() == before
    assert load_benchmark(folder).model == "oracle/1"


def test_tables_mark_the_best_and_set_published_figures_apart(benchmark: Benchmark) -> None:
    document = benchmark.to_json()
    table = score_table(document)
    assert (0, 1) in table.best
    assert table.rows[-1][0] == "elsewhere (published)"
    assert table.apart == {len(table.rows) - 1}
    assert "| **" in table.to_markdown()
    assert '<tr class="apart">' in table.to_html()
    assert difference_table(document).rows[0][2] == "model better"
    assert variant_table(document).rows[1][0] == "again"
    assert {row[0] for row in group_table(document).rows} == {"odd", "even"}


def test_a_table_says_with_each_published_figure_what_it_is_worth() -> None:
    remark = "elsewhere: other [weeks] & places"
    table = Table(("method", "score"), (("a", "1"),), below=(remark,))
    assert remark in table.to_markdown()
    assert "other [weeks] &amp; places" in table.to_html()
    assert remark in " ".join(shown(table).split())


def test_a_difference_too_small_or_that_may_be_none_is_not_resolvable(benchmark: Benchmark) -> None:
    document = benchmark.to_json()
    for difference, interval, verdict in (
        (-0.10, [-0.2, -0.05], "model better"),
        (0.10, [0.05, 0.2], "model worse"),
        (-0.015, [-0.018, -0.012], "not resolvable"),
        (-0.10, [-0.3, 0.1], "not resolvable"),
    ):
        document["scores"]["relative_mae"] = document["baselines"]["damped_drift"]["relative_mae"] + difference
        document["intervals"]["differences"] = {"damped_drift": {"relative_mae": interval}}
        assert difference_table(document).rows[0][2] == verdict


def test_a_reference_without_error_leaves_cells_empty_but_no_table_out(benchmark: Benchmark) -> None:
    forecasts = benchmark.forecasts
    still = replace(
        forecasts,
        methods={name: np.zeros_like(one) + (name == MODEL) for name, one in forecasts.methods.items()},
        truth=np.zeros_like(forecasts.truth),
    )
    document = json.loads(json.dumps(replace(benchmark, forecasts=still, groups={"all": (0, 1)}).to_json()))
    assert document["scores"]["relative_mae"] is None
    assert document["intervals"]["methods"]["model"]["relative_mae"] is None
    for made in (score_table, difference_table, variant_table, group_table):
        assert "–" in shown(made(document))


def shown(table: Table) -> str:
    """What a wide terminal shows."""
    console = Console(width=200, file=io.StringIO())
    console.print(table.to_rich("title"))
    return str(console.file.getvalue())  # type: ignore[attr-defined]
