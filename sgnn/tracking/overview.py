"""What a team has: the newest corpora, the registry, the last runs and the live scores, as a dashboard shows them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from mlflow.entities import ViewType

from sgnn.corpus.catalog import all_corpora
from sgnn.corpus.ledger import manifest_if_there, versions
from sgnn.errors import RegistryError
from sgnn.evaluation.dashboard import CorpusLine, DashboardContent, GateFigure, LivePoint, ModelLine, RunLine
from sgnn.evaluation.live import Band
from sgnn.tracking.connection import Tracking, database_file, open_tracking, tracking_uri
from sgnn.tracking.gates import at_path, better, figure
from sgnn.tracking.registry import CHAMPION, Version, list_versions, read_benchmarks
from sgnn.tracking.runs import PIPELINE_TAG

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

    from sgnn.settings import Settings

__all__ = ["LIVE", "corpora_lines", "live_points", "live_tags", "model_lines", "overview", "run_lines"]

LIVE = "live:"
"""How the identity of a run that keeps live scores begins."""
MODEL_TAG, ORIGIN_TAG, BAND_TAG, FLAGS_TAG = "sgnn.model", "sgnn.origin", "sgnn.band", "sgnn.drift"
RUNS_SHOWN = 20
LIVE_READ = 500
"""Newest live scores that are looked at."""


def overview(settings: Settings, now: datetime, tracking: Tracking | None = None) -> DashboardContent:
    """All of it, but for schedules, which another service keeps. Looking makes no database where there is none."""
    file = database_file(tracking_uri(settings))
    if tracking is None and file is not None and not file.exists():
        return DashboardContent(now, corpora_lines(settings.store_url))
    tracking = tracking or open_tracking(settings)
    return DashboardContent(
        made=now,
        corpora=corpora_lines(settings.store_url),
        models=model_lines(tracking),
        runs=run_lines(tracking),
        live=live_points(tracking),
    )


def corpora_lines(store_url: str) -> tuple[CorpusLine, ...]:
    """The newest version of each corpus of a store; those of which nothing is committed are left out."""
    lines = []
    for store in all_corpora(store_url):
        numbers = versions(store)
        # the newest may be expired in this moment
        manifest = manifest_if_there(store, numbers[-1]) if numbers else None
        if manifest is not None:
            lines.append(
                CorpusLine(
                    name=store.name,
                    version=manifest.version,
                    asked=manifest.draws,
                    ok=manifest.ok,
                    failed=manifest.failed,
                    quarantined=manifest.quarantined,
                    bytes=manifest.stored_bytes,
                    content_digest=manifest.content_digest,
                    committed=datetime.fromisoformat(manifest.committed),
                )
            )
    return tuple(lines)


def run_lines(tracking: Tracking, number: int = RUNS_SHOWN) -> tuple[RunLine, ...]:
    """The last runs of pipelines and of stages that ran alone, newest first; runs of live scores are none of them."""
    found = _runs(tracking, f"tags.`{PIPELINE_TAG}` LIKE '%'", LIVE_READ)
    shown = [run for run in found if not run.data.tags[PIPELINE_TAG].startswith(LIVE)][:number]
    return tuple(_run_line(run) for run in shown)


def live_tags(model: str, origin: str, band: Band, flags: Sequence[str]) -> dict[str, str]:
    """What a run of live scores says beside its metrics: of which model, as of when, held against what."""
    return {MODEL_TAG: model, ORIGIN_TAG: origin, BAND_TAG: json.dumps(vars(band)), FLAGS_TAG: json.dumps([*flags])}


def live_points(tracking: Tracking) -> tuple[LivePoint, ...]:
    """Live scores by model and origin; an origin that was scored twice counts as it was scored last."""
    found = _runs(tracking, f"tags.`{PIPELINE_TAG}` LIKE '{LIVE}%' and attributes.status = 'FINISHED'", LIVE_READ)
    # newest first: an earlier one of the same origin is overwritten by none
    points: dict[tuple[str, str], LivePoint] = {}
    for run in found:
        tags = run.data.tags
        points.setdefault((tags.get(MODEL_TAG, ""), tags.get(ORIGIN_TAG, "")), _live_point(run))
    return tuple(points[key] for key in sorted(points))


def model_lines(tracking: Tracking) -> tuple[ModelLine, ...]:
    """A line for each registered name."""
    return tuple(
        _model_line(tracking, [*found])
        for _, found in groupby(list_versions(tracking), key=lambda version: version.name)
    )


def _run_line(run: MlflowRun) -> RunLine:
    began, ended = run.info.start_time, run.info.end_time
    running = run.info.status == "RUNNING"
    return RunLine(
        name=run.info.run_name,
        state=run.info.status.lower(),
        started=_time(began),
        seconds=None if running or ended is None else (ended - began) / 1000,
        said=run.data.tags.get("sgnn.error", ""),
    )


def _live_point(run: MlflowRun) -> LivePoint:
    metrics, tags = run.data.metrics, run.data.tags
    band = json.loads(tags.get(BAND_TAG, "null"))
    return LivePoint(
        model=tags.get(MODEL_TAG, ""),
        origin=tags.get(ORIGIN_TAG, ""),
        forecasts=int(metrics.get("live/forecasts", 0)),
        coverage=metrics.get("live/coverage.90"),
        relative_wis=metrics.get("live/relative_wis"),
        # a later version of the program may hold scores against more than this one knows
        band=None if band is None else Band(**{name: band[name] for name in vars(Band()) if name in band}),
        flags=tuple(json.loads(tags.get(FLAGS_TAG, "[]"))),
    )


def _model_line(tracking: Tracking, found: Sequence[Version]) -> ModelLine:
    champion = next((version for version in found if CHAMPION in version.aliases), None)
    newest = found[-1]
    last = newest.decisions[-1] if newest.decisions else None
    crowned = None if champion is None else _crowned(champion)
    lineage = (champion or newest).lineage
    return ModelLine(
        name=newest.name,
        task=str(lineage.recipe.get("model", {}).get("task", "")),
        champion=None if champion is None else champion.number,
        since=None if crowned is None else datetime.fromisoformat(crowned["when"]),
        by="" if crowned is None else str(crowned["who"]),
        corpus=f"{lineage.corpus_name}@{lineage.corpus_version}",
        figures=() if champion is None or crowned is None else _figures(tracking, champion, crowned["outcomes"]),
        latest=newest.number,
        verdict="" if last is None else str(last["decision"]),
        why=_refused_by(last),
    )


def _crowned(champion: Version) -> Mapping[str, Any] | None:
    """The decision that made it champion; None where somebody moved the alias past the gates."""
    return next((one for one in reversed(champion.decisions) if one["decision"] == "promoted"), None)


def _refused_by(decision: Mapping[str, Any] | None) -> str:
    if decision is None or decision["decision"] != "refused":
        return ""
    return "; ".join(one["reason"] for one in decision["outcomes"] if not one["passed"])


def _figures(tracking: Tracking, champion: Version, outcomes: Sequence[Mapping[str, Any]]) -> tuple[GateFigure, ...]:
    try:
        benchmarks = read_benchmarks(tracking, champion)
    except RegistryError:
        # changed or lost since: what the gates saw is on record, what baselines had is not
        benchmarks = {}
    return tuple(_gate_figure(one, benchmarks.get(one["protocol"], {})) for one in outcomes)


def _gate_figure(outcome: Mapping[str, Any], benchmark: Mapping[str, Any]) -> GateFigure:
    name, value = best_baseline(benchmark, outcome["metric"])
    return GateFigure(
        gate=outcome["gate"],
        protocol=outcome["protocol"],
        metric=outcome["metric"],
        value=outcome["value"],
        expected=outcome["expected"],
        passed=outcome["passed"],
        baseline=name,
        baseline_value=value,
    )


def best_baseline(benchmark: Mapping[str, Any], metric: str) -> tuple[str, float | None]:
    """Name and figure of the baseline that does best by a metric; an empty name where none has it.

    Baselines stand beside the scores that the metric reaches into: those of a variant for a metric of the variant.
    """
    path = metric if metric.split(".")[0] in benchmark else f"scores.{metric}"
    above, _, inside = path.rpartition("scores.")
    beside = at_path(benchmark, above.rstrip(".")) if above else benchmark
    rivals = beside.get("baselines", {}) if isinstance(beside, Mapping) else {}
    best: tuple[str, float | None] = ("", None)
    for name, scores in rivals.items():
        value = figure({"scores": scores}, inside)
        if value is not None and (best[1] is None or better(metric, value, best[1])):
            best = (name, value)
    return best


def _runs(tracking: Tracking, condition: str, number: int) -> Sequence[MlflowRun]:
    return tracking.client.search_runs(
        [tracking.experiment_id],
        filter_string=condition,
        run_view_type=ViewType.ACTIVE_ONLY,
        order_by=["attributes.start_time DESC"],
        max_results=number,
    )


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
