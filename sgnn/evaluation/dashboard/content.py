"""What a dashboard is made of: plain data, all of it given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sgnn.evaluation.live import Band


@dataclass(frozen=True)
class CorpusLine:
    """The newest version of a corpus."""

    name: str
    version: int
    asked: int
    ok: int
    failed: int
    quarantined: int
    bytes: int
    """Of its blocks' files."""
    content_digest: str
    committed: datetime


@dataclass(frozen=True)
class RunLine:
    """One run of a pipeline or a stage that ran alone."""

    name: str
    state: str
    """`finished`, `failed`, `killed` or `running`."""
    started: datetime
    seconds: float | None
    """None while it runs."""
    said: str = ""
    """Why it failed."""


@dataclass(frozen=True)
class ScheduleLine:
    """One deployment, what became of it last, and when it is due again."""

    name: str
    when: str
    """Cron and time zone, or `paused`."""
    state: str = ""
    """Name of its last run's state, such as Completed or Drifted; empty where it never ran."""
    said: str = ""
    started: datetime | None = None
    seconds: float | None = None
    due: datetime | None = None


@dataclass(frozen=True)
class GateFigure:
    """What a gate looked at when it decided, beside the best baseline under the same protocol."""

    gate: str
    protocol: str
    metric: str
    value: float | None
    expected: str
    passed: bool
    baseline: str = ""
    """Name of the best baseline; empty where none has this figure."""
    baseline_value: float | None = None


@dataclass(frozen=True)
class ModelLine:
    """A registered name: its champion, and what waits to become it."""

    name: str
    task: str
    champion: int | None
    since: datetime | None
    """When it became champion; None where no decision is recorded."""
    by: str
    corpus: str
    """Name and version of the champion's corpus."""
    figures: Sequence[GateFigure] = ()
    latest: int | None = None
    """Number of the newest version."""
    verdict: str = ""
    """The last decision about the newest version; empty where there is none."""
    why: str = ""
    """What refused it."""


@dataclass(frozen=True)
class LivePoint:
    """How the forecasts that a model made before have done, as of one origin."""

    model: str
    origin: str
    """Date of the last observation then."""
    forecasts: int
    """How many were scored."""
    coverage: float | None
    """Of 90 % intervals."""
    relative_wis: float | None
    band: Band | None
    """Where the scores should have lain; None where the run did not keep it."""
    flags: Sequence[str] = ()
    """What lay outside, in words."""


@dataclass(frozen=True)
class DashboardContent:
    """All that the page shows, as of `made`. What is empty is said in words."""

    made: datetime
    corpora: Sequence[CorpusLine] = ()
    models: Sequence[ModelLine] = ()
    runs: Sequence[RunLine] = ()
    """Newest first."""
    live: Sequence[LivePoint] = ()
    """By model, then by origin."""
    schedules: Sequence[ScheduleLine] | None = None
    """None where no Prefect server is configured."""

    def to_json(self) -> dict[str, Any]:
        """Fields as a JSON object, times in ISO format."""
        document: dict[str, Any] = _plain(asdict(self))
        return document


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
