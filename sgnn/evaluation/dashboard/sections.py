"""The sections of the dashboard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sgnn.evaluation.dashboard.content import (
    CorpusLine,
    DashboardContent,
    GateFigure,
    LivePoint,
    ModelLine,
    RunLine,
    ScheduleLine,
)
from sgnn.evaluation.figures.live import live_over_time
from sgnn.evaluation.report.blocks import Part, Rows, Section, Words
from sgnn.evaluation.report.inline_svg import picture
from sgnn.evaluation.report.sections import duration
from sgnn.evaluation.table import Table, figure, label, percent

NONE = "–"
DRIFTED = "drifted"
BAD = frozenset(
    {"failed", "killed", "Failed", "Crashed", "TimedOut", "Drifted", "refused", "not passed", DRIFTED, "set by hand"}
)
"""Cells that stand out."""
_SHOWN_ORIGINS = 26


def live_section(live: Sequence[LivePoint]) -> Section:
    """How forecasts have done since they were made, model by model, newest origin first."""
    parts: list[Part] = []
    for model, found in groupby(live, key=lambda one: one.model):
        points = list(found)
        scored = [one for one in points if one.forecasts]
        if scored:
            flagged = sum(bool(one.flags) for one in scored)
            words = (
                f"Two line charts of {model}: coverage and relative WIS at {len(scored)} origins, {flagged} flagged."
            )
            caption = (
                f"{model}: every earlier forecast that has been observed since, pooled, as of each origin. "
                "Shaded: the band of the schedule; orange: outside of it, with enough forecasts to say so."
            )
            parts.append(picture(live_over_time(scored), f"live-{len(parts)}", words, caption))
        rows = tuple(_live_row(one) for one in reversed(points[-_SHOWN_ORIGINS:]))
        heading = ("origin", "forecasts scored", "coverage of 90 %", "relative WIS", "verdict", "what")
        parts.append(Rows(Table(heading, rows), f"Live scores of {model}", BAD))
    if not parts:
        parts.append(Words("No forecast was made on a schedule yet: `forecast-weekly` makes and scores them.", "aside"))
    return Section("live", "Live scores", parts)


def models_section(models: Sequence[ModelLine]) -> Section:
    """Champions, what waits to become one, and what gates saw beside baselines."""
    if not models:
        return Section("models", "Models", [Words("No model is registered yet: `sgnn run RECIPE` makes one.", "aside")])
    rows = tuple(_model_row(one) for one in models)
    heading = ("model", "task", "champion", "since", "by", "corpus", "newest", "decision", "why")
    parts: list[Part] = [Rows(Table(heading, rows), "Registered models", BAD)]
    for one in models:
        if one.figures:
            gates = Table(
                ("gate", "protocol", "figure", "asked", "champion", "best baseline", "its figure", "verdict"),
                tuple(_gate_row(gate) for gate in one.figures),
            )
            parts.append(Rows(gates, f"What the gates of {one.name}/{one.champion} saw when they decided", BAD))
    return Section("models", "Models", parts)


def corpora_section(corpora: Sequence[CorpusLine]) -> Section:
    """The newest version of every corpus."""
    if not corpora:
        words = "No corpus is committed yet: `sgnn corpus build RECIPE` makes one."
        return Section("corpora", "Corpora", [Words(words, "aside")])
    rows = tuple(
        (
            one.name,
            str(one.version),
            f"{one.asked:,}",
            f"{one.ok:,}",
            f"{one.failed:,}",
            f"{one.quarantined:,}",
            f"{one.bytes / 2**20:,.1f}",
            moment(one.committed),
            one.content_digest[:16],
        )
        for one in corpora
    )
    heading = ("corpus", "version", "draws", "ok", "failed", "quarantined", "MiB", "committed", "content digest")
    return Section("corpora", "Corpora", [Rows(Table(heading, rows), "Newest versions")])


def runs_section(runs: Sequence[RunLine]) -> Section:
    """The last runs with their states and durations."""
    if not runs:
        return Section("runs", "Last runs", [Words("Nothing ran yet.", "aside")])
    rows = tuple((one.name, one.state, moment(one.started), duration(one.seconds), one.said or NONE) for one in runs)
    return Section(
        "runs", "Last runs", [Rows(Table(("run", "state", "started", "took", "said"), rows), "Newest first", BAD)]
    )


def schedules_section(schedules: Sequence[ScheduleLine] | None) -> Section:
    """What runs by itself."""
    title = "Schedules"
    if schedules is None:
        words = "No Prefect server that stays is configured, so nothing runs by itself."
        return Section("schedules", title, [Words(words, "aside")])
    if not schedules:
        words = "Nothing is deployed: `sgnn schedules deploy RECIPE` does it."
        return Section("schedules", title, [Words(words, "aside")])
    rows = tuple(
        (
            one.name,
            one.when,
            one.state or "never ran",
            NONE if one.started is None else moment(one.started),
            duration(one.seconds),
            NONE if one.due is None else moment(one.due),
            one.said or NONE,
        )
        for one in schedules
    )
    heading = ("schedule", "when", "last state", "last run", "took", "due", "said")
    return Section("schedules", title, [Rows(Table(heading, rows), "What runs by itself", BAD)])


def sections(content: DashboardContent) -> list[Section]:
    """All of them, the most telling first."""
    return [
        models_section(content.models),
        live_section(content.live),
        runs_section(content.runs),
        schedules_section(content.schedules),
        corpora_section(content.corpora),
    ]


def moment(when: datetime) -> str:
    """A time to the minute, in UTC, that no line breaks."""
    return f"{when:%Y-%m-%d\u00a0%H:%M}"


def metric_words(metric: str) -> str:
    """A metric's path in a benchmark's document as people say it."""
    words = metric.removeprefix("scores.").removeprefix("variants.").replace(".scores.", " ").replace("_", " ")
    return re.sub(r"\b(mae|wis)\b", lambda name: name[0].upper(), words).replace("coverage.", "coverage of ")


def _live_row(one: LivePoint) -> tuple[str, ...]:
    verdict = "within its band" if one.band else NONE
    if one.flags:
        # series like nothing simulated are told before anything was scored
        verdict = DRIFTED
    elif not one.forecasts:
        verdict = "nothing observed yet"
    elif one.band is not None and one.forecasts < one.band.minimum_sample:
        verdict = f"too few to say, {one.band.minimum_sample} wanted"
    coverage = NONE if one.coverage is None else f"{percent(one.coverage)} %"
    return one.origin, f"{one.forecasts:,}", coverage, figure(one.relative_wis), verdict, "; ".join(one.flags) or NONE


def _model_row(one: ModelLine) -> tuple[str, ...]:
    champion = NONE if one.champion is None else f"{one.name}/{one.champion}"
    since = NONE if one.champion is None else "set by hand" if one.since is None else moment(one.since)
    newest = NONE if one.latest is None else str(one.latest)
    return (
        one.name,
        one.task or NONE,
        champion,
        since,
        one.by or NONE,
        one.corpus or NONE,
        newest,
        one.verdict or NONE,
        one.why or NONE,
    )


def _gate_row(one: GateFigure) -> tuple[str, ...]:
    return (
        one.gate,
        one.protocol,
        metric_words(one.metric),
        one.expected,
        figure(one.value),
        label(one.baseline) if one.baseline else NONE,
        figure(one.baseline_value),
        "passed" if one.passed else "not passed",
    )
