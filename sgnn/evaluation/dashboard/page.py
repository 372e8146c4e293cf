"""From a dashboard's content to one HTML file, and to Markdown for a page that somebody else makes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sgnn.errors import DataError
from sgnn.evaluation.dashboard.content import DashboardContent
from sgnn.evaluation.dashboard.sections import moment, sections
from sgnn.evaluation.report.blocks import Card, Part, Rows, Words
from sgnn.evaluation.report.template import Head, rendered
from sgnn.files import write_whole

_DAYS = 7


def render_dashboard(content: DashboardContent) -> str:
    """The page as HTML text: styles and figures inside, no request to anywhere, no script."""
    lead = "Corpora, models, runs and schedules, and how forecasts have done since they were made."
    head = Head("sgnn: dashboard", f"As of {moment(content.made)} UTC", "Dashboard", lead=lead)
    return rendered(head, sections(content), cards(content))


def dashboard_markdown(content: DashboardContent) -> str:
    """The same in Markdown, without its figures: every section as a heading, its words and tables."""
    lines = [f"As of {moment(content.made)} UTC."]
    for section in sections(content):
        lines += [f"### {section.title}", *(text for part in section.parts if (text := _markdown(part)))]
    return "\n\n".join(lines)


def write_dashboard(content: DashboardContent, path: Path) -> Path:
    """Write the page into a file that appears whole or not at all. Raises `DataError` where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, render_dashboard(content))
    except OSError as error:
        raise DataError(
            f"the dashboard {path} cannot be written: {error.strerror or error}",
            remedy="look at the folder and the disk",
        ) from error
    return path


def cards(content: DashboardContent) -> Sequence[Card]:
    """The figures to see first."""
    draws = sum(one.ok for one in content.corpora)
    champions = sum(one.champion is not None for one in content.models)
    recent = [one for one in content.runs if one.started >= content.made - timedelta(days=_DAYS)]
    failed = sum(one.state in ("failed", "killed") for one in recent)
    newest = {one.model: one for one in content.live if one.forecasts}
    drifted = sum(bool(one.flags) for one in newest.values())
    return [
        Card(f"{champions}", f"champions of {len(content.models)} registered models"),
        Card(f"{drifted} of {len(newest)}", "models whose live scores left their band"),
        Card(f"{len(recent)}", f"runs in the last {_DAYS} days, {failed} failed or killed"),
        Card(f"{draws:,}", f"simulated draws in {len(content.corpora)} corpora"),
    ]


def _markdown(part: Part) -> str:
    if isinstance(part, Words):
        return part.text
    return f"**{part.caption}**\n\n{part.table.to_markdown(part.numeric)}" if isinstance(part, Rows) else ""
