"""The dashboard: gathered from corpora, MLflow and Prefect, written as a page, and left in the Prefect page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.deployments import LastAndNext, last_and_next
from sgnn.evaluation.dashboard import DashboardContent, ScheduleLine, dashboard_markdown, write_dashboard

if TYPE_CHECKING:
    from sgnn.settings import Settings
    from sgnn.tracking.connection import Tracking

PAGE = "dashboard.html"
"""The page's file, in the home folder."""


def gathered(settings: Settings, tracking: Tracking | None = None) -> DashboardContent:
    """Everything that the dashboard shows, as of now. Raises `ServiceError` where a configured service is not there."""
    from sgnn.tracking.overview import overview

    content = overview(settings, datetime.now(UTC), tracking)
    return replace(content, schedules=None if settings.prefect_api_url is None else schedules(settings))


def refresh(settings: Settings, tracking: Tracking | None = None) -> Path | None:
    """Write the page into the home folder, and leave the same as an artifact of the flow that runs; gives its file.

    None where that could not be done: what the flow did stays done, and its page says why there is no new dashboard.
    """
    from flows.page import publish

    try:
        content = gathered(settings, tracking)
        written = write_dashboard(content, settings.home / PAGE)
    except Exception as error:
        publish("dashboard", "Dashboard", text=f"It could not be made: {error}")
        return None
    publish("dashboard", "Dashboard", text=dashboard_markdown(content))
    return written


def schedules(settings: Settings) -> tuple[ScheduleLine, ...]:
    """What is deployed on the configured Prefect server, with the last run of each and the next one."""
    return tuple(_line(one) for one in last_and_next(settings))


def _line(one: LastAndNext) -> ScheduleLine:
    deployment, last = one.deployment, one.last
    schedule: Any = deployment.schedules[0].schedule if deployment.schedules else None
    when = "paused" if deployment.paused else f"{getattr(schedule, 'cron', '–')} {getattr(schedule, 'timezone', '')}"
    state = None if last is None else last.state
    return ScheduleLine(
        name=one.full_name,
        when=when.strip(),
        state="" if state is None else str(state.name),
        said="" if state is None else str(state.message or ""),
        started=None if last is None else last.start_time,
        seconds=None if last is None else last.total_run_time.total_seconds(),
        due=None if deployment.paused else one.due,
    )
