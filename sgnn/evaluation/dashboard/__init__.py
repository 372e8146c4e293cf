"""The dashboard: one page of what a team has: corpora, models, runs, schedules, and how forecasts have done live."""

from __future__ import annotations

from sgnn.evaluation.dashboard.content import (
    CorpusLine,
    DashboardContent,
    GateFigure,
    LivePoint,
    ModelLine,
    RunLine,
    ScheduleLine,
)
from sgnn.evaluation.dashboard.page import dashboard_markdown, render_dashboard, write_dashboard

__all__ = [
    "CorpusLine",
    "DashboardContent",
    "GateFigure",
    "LivePoint",
    "ModelLine",
    "RunLine",
    "ScheduleLine",
    "dashboard_markdown",
    "render_dashboard",
    "write_dashboard",
]
