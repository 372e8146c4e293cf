"""What the dashboard gathers from a real registry, real runs and a real store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sgnn.corpus.reader import Corpus
from sgnn.corpus.sections import Gate
from sgnn.errors import GateRefused
from sgnn.evaluation.live import Band
from sgnn.settings import Settings, load_settings
from sgnn.tracking.connection import Tracking
from sgnn.tracking.lineage import Lineage
from sgnn.tracking.models import log_forecaster
from sgnn.tracking.overview import (
    LIVE,
    best_baseline,
    corpora_lines,
    live_points,
    live_tags,
    model_lines,
    overview,
    run_lines,
)
from sgnn.tracking.promotion import promote
from sgnn.tracking.registry import Version, register
from sgnn.tracking.runs import attach_run, pipeline_run

NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def release(
    tracking: Tracking, weights: Callable[[int], Path], lineage: Lineage, gates: tuple[Gate, ...]
) -> Callable[[int, dict[str, Any]], Version]:
    """Logs the model of a seed and registers it with the benchmark of the protocol `real`."""
    run = attach_run(tracking, tracking.client.create_run(tracking.experiment_id).info.run_id)

    def make(seed: int, benchmark: dict[str, Any]) -> Version:
        logged = log_forecaster(run, weights(seed), "covid", "# card")
        return register(tracking, "covid", logged, lineage, {"real": benchmark}, gates, "# card")

    return make


def test_a_champion_is_shown_with_what_its_gates_saw_beside_baselines_and_with_what_waits(
    tracking: Tracking, release: Callable[..., Version], benchmark: Callable[..., dict[str, Any]]
) -> None:
    release(0, benchmark(0.6))
    promote(tracking, "covid", 1, who="anna")
    release(1, benchmark(0.95))
    with pytest.raises(GateRefused):
        promote(tracking, "covid", 2, who="bert")
    [line] = model_lines(tracking)
    assert (line.name, line.champion, line.by, line.latest, line.verdict) == ("covid", 1, "anna", 2, "refused")
    assert line.corpus == "covid@2"
    assert line.since is not None
    assert "relative_mae is 0.95, expected <= 0.9" in line.why
    seen = [(one.gate, one.value, one.passed, one.baseline, one.baseline_value) for one in line.figures]
    assert seen == [
        ("beats last value", 0.6, True, "last_value", 1.0),
        ("calibrated", 0.9, True, "last_value", 0.5),
        ("no step back", 0.6, True, "last_value", 1.0),
    ]


def test_an_alias_that_was_moved_past_the_gates_is_shown_as_no_decision(
    tracking: Tracking, release: Callable[..., Version], benchmark: Callable[..., dict[str, Any]]
) -> None:
    release(0, benchmark(0.95))
    tracking.client.set_registered_model_alias("covid", "champion", "1")
    [line] = model_lines(tracking)
    assert (line.champion, line.since, line.by, line.figures) == (1, None, "", ())


def test_the_best_baseline_is_the_one_of_the_same_variant_by_the_metrics_direction() -> None:
    scores = {"a": {"relative_mae": 0.9, "coverage": {"90": 0.99}}, "b": {"relative_mae": 1.2, "coverage": {"90": 0.9}}}
    document = {
        "scores": {},
        "baselines": scores,
        "variants": {"alone": {"scores": {}, "baselines": {"b": {"relative_mae": 1.3}}}},
    }
    assert best_baseline(document, "relative_mae") == ("a", 0.9)
    assert best_baseline(document, "scores.coverage.90") == ("b", 0.9)
    assert best_baseline(document, "variants.alone.scores.relative_mae") == ("b", 1.3)
    assert best_baseline(document, "mechanism.scores.accuracy") == ("", None)
    assert best_baseline({}, "relative_mae") == ("", None)


def test_runs_are_shown_newest_first_with_state_and_reason_and_without_their_stages(tracking: Tracking) -> None:
    with pipeline_run(tracking, "pipeline one", "pipeline:1") as run, run.stage("corpus"):
        pass
    with pytest.raises(RuntimeError), pipeline_run(tracking, "pipeline two", "pipeline:2"):
        raise RuntimeError("the disk is full")
    with pipeline_run(tracking, "pipeline three", "pipeline:3"):
        shown = run_lines(tracking)
    assert [(one.name, one.state) for one in shown] == [
        ("pipeline three", "running"),
        ("pipeline two", "failed"),
        ("pipeline one", "finished"),
    ]
    assert shown[1].said == "RuntimeError: the disk is full"
    assert shown[0].seconds is None
    assert shown[2].seconds is not None
    assert [one.name for one in run_lines(tracking, 1)] == ["pipeline three"]


def test_live_scores_come_back_with_their_band_and_flags_the_last_of_an_origin_alone(tracking: Tracking) -> None:
    band = Band(0.8, relative_wis=1.1)
    told: list[tuple[str, float, tuple[str, ...]]] = [
        ("2026-11-07", 0.9, ()),
        ("2026-11-14", 0.5, ("too narrow",)),
        ("2026-11-14", 0.7, ("still",)),
    ]
    for origin, coverage, flags in told:
        with pipeline_run(
            tracking, "live covid", f"{LIVE}covid:{origin}", live_tags("covid", origin, band, flags)
        ) as run:
            run.log_metrics({"live/forecasts": 40, "live/coverage.90": coverage, "live/relative_wis": 0.7})
    points = live_points(tracking)
    assert [(one.origin, one.coverage, tuple(one.flags)) for one in points] == [
        ("2026-11-07", 0.9, ()),
        ("2026-11-14", 0.7, ("still",)),
    ]
    assert points[0].band == band
    assert points[0].forecasts == 40
    assert run_lines(tracking) == ()


def test_the_newest_version_of_each_corpus_is_shown(settings: Settings, small_corpus: Corpus) -> None:
    [line] = corpora_lines(settings.store_url)
    assert (line.version, line.asked, line.ok + line.failed + line.quarantined) == (1, 16, 16)
    assert line.content_digest == small_corpus.content_digest
    assert line.bytes > 0


def test_where_nothing_is_there_nothing_is_shown_and_no_database_is_made(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "empty")
    content = overview(settings, NOW)
    assert (content.corpora, content.models, content.runs, content.live) == ((), (), (), ())
    assert not settings.home.exists()
