"""A dashboard with something of everything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sgnn.evaluation.dashboard import (
    CorpusLine,
    DashboardContent,
    GateFigure,
    LivePoint,
    ModelLine,
    RunLine,
    ScheduleLine,
)
from sgnn.evaluation.live import Band

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def content() -> DashboardContent:
    """Two models, one with live scores that leave their band at the end."""
    waves = [
        LivePoint("covid", f"{NOW - timedelta(weeks=12 - week):%Y-%m-%d}", 52 * week, coverage, wis, Band(), flags)
        for week, (coverage, wis, flags) in enumerate(
            [
                (None, None, ()),
                (0.93, 0.62, ()),
                (0.91, 0.66, ()),
                (0.88, 0.71, ()),
                (0.9, 0.69, ()),
                (0.86, 0.8, ()),
                (0.81, 0.97, ()),
                (0.68, 1.34, ("90 % intervals covered 68%, expected 75% to 100%", "relative WIS is 1.34")),
            ]
        )
    ]
    figures = (
        GateFigure("beats last value", "covid-68w8h", "relative_mae", 0.606, "<= 0.9", True, "last_value", 1.0),
        GateFigure("calibrated", "covid-68w8h", "coverage.90", 0.872, "within 0.8 to 1", True, "last_value", 0.793),
        GateFigure("no step back", "synthetic", "relative_wis", 0.41, "not worse than the champion", True),
    )
    return DashboardContent(
        made=NOW,
        corpora=(
            CorpusLine("covid-4f1c9a2b", 3, 60_000, 59_990, 4, 6, 812_000_000, "9c" * 16, NOW - timedelta(days=6)),
            CorpusLine("r0-e51d", 1, 20_000, 20_000, 0, 0, 96_000_000, "17" * 16, NOW - timedelta(days=41)),
        ),
        models=(
            ModelLine(
                *("covid", "forecast", 7, NOW - timedelta(days=6), "anna", "covid@3", figures),
                *(8, "refused", "covid-68w8h relative_mae is 0.93, expected <= 0.9, short by 0.03"),
            ),
            ModelLine("r0", "estimate", None, None, "", "r0@1", (), 1, "", ""),
        ),
        runs=(
            RunLine("pipeline covid", "running", NOW - timedelta(minutes=4), None),
            RunLine("pipeline r0", "failed", NOW - timedelta(hours=2), 71.0, "StoreError: the bucket | is gone"),
            RunLine("pipeline covid", "finished", NOW - timedelta(days=6), 873.0),
            RunLine("corpus covid", "killed", NOW - timedelta(days=9), 40.0),
        ),
        live=tuple(waves),
        schedules=(
            ScheduleLine(
                *("forecast-weekly/covid", "0 6 * * 1 UTC", "Drifted", "relative WIS is 1.34"),
                *(NOW - timedelta(days=5), 31.0, NOW + timedelta(days=2)),
            ),
            ScheduleLine("benchmark-nightly/covid-synthetic", "paused"),
        ),
    )
