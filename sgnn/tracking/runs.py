"""Runs: one parent run a pipeline, one child run a stage, and what a run keeps."""

from __future__ import annotations

import getpass
import json
import math
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mlflow.entities import DatasetInput, InputTag, Metric, Param, RunTag, ViewType

from sgnn.lock import hold, is_free, take
from sgnn.tracking.connection import Tracking, patient
from sgnn.tracking.provenance import code_version, installed_packages, machine

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow.data.dataset import Dataset
    from mlflow.entities import Run as MlflowRun

__all__ = ["Run", "attach_run", "close_dead_runs", "pipeline_run"]

LOCK_TAG = "sgnn.lock"
PIPELINE_TAG = "sgnn.pipeline"
STAGE_TAG = "sgnn.stage"
PARENT_TAG = "mlflow.parentRunId"
PACKAGES = "environment/packages.txt"
"""The list of installed packages, among a run's files."""

BATCH_METRICS = 1000
BATCH_TEXTS = 100
FLUSH_SECONDS = 2.0
"""Figures wait this long at most: one write to the database for many, yet a page that lives."""
LONGEST_VALUE = 6000


class Run:
    """An MLflow run that is open for writing; safe to share between threads."""

    def __init__(self, tracking: Tracking, run_id: str) -> None:
        self.tracking = tracking
        self.run_id = run_id
        self._pending: list[Metric] = []
        self._flushed = time.monotonic()
        self._guard = threading.Lock()

    def log_parameters(self, parameters: Mapping[str, Any]) -> None:
        """Settings of the run; nested mappings become dotted names. One logged before keeps its first value."""
        known = self.tracking.client.get_run(self.run_id).data.params
        flat = _flatten(parameters)
        texts = [Param(name, _text(value)) for name, value in flat.items() if name not in known]
        for start in range(0, len(texts), BATCH_TEXTS):
            self.tracking.client.log_batch(self.run_id, params=texts[start : start + BATCH_TEXTS])

    def log_tags(self, tags: Mapping[str, Any]) -> None:
        """Tags of the run, replacing those of the same names."""
        texts = [RunTag(name, _text(value)) for name, value in tags.items()]
        for start in range(0, len(texts), BATCH_TEXTS):
            self.tracking.client.log_batch(self.run_id, tags=texts[start : start + BATCH_TEXTS])

    def log_metrics(self, values: Mapping[str, float], step: int = 0) -> None:
        """One point of several curves; kept back a little and written in batches. What is not finite is left out."""
        now = int(time.time() * 1000)
        points = [Metric(name, float(value), now, step) for name, value in values.items() if math.isfinite(value)]
        with self._guard:
            self._pending.extend(points)
            due = len(self._pending) >= BATCH_METRICS or time.monotonic() - self._flushed >= FLUSH_SECONDS
        if due:
            self.flush()

    def log_curve(self, name: str, steps: Sequence[int], values: Sequence[float]) -> None:
        """A whole curve at once."""
        for step, value in zip(steps, values, strict=True):
            self.log_metrics({name: value}, int(step))

    def log_benchmark(self, benchmark: Mapping[str, Any]) -> None:
        """A benchmark: its JSON as a file, its scores as metrics, its scores by horizon as curves over the horizon."""
        protocol = str(benchmark["protocol"])
        self.log_json(benchmark, f"benchmarks/{protocol}.json")
        self.log_metrics(_prefixed(protocol, _numbers(benchmark.get("scores", {}))))
        for variant, part in benchmark.get("variants", {}).items():
            self.log_metrics(_prefixed(f"{protocol}/{variant}", _numbers(part.get("scores", {}))))
        for row in benchmark.get("by_horizon", ()):
            figures = {name: value for name, value in _numbers(row).items() if name != "horizon"}
            horizon = int(row["horizon"])
            self.log_metrics(_prefixed(f"{protocol}/by_horizon", figures), horizon)
        self.flush()

    def log_dataset(self, dataset: Dataset, context: str) -> None:
        """A data set that the run read; `context` says what for: training, evaluation."""
        entity = DatasetInput(dataset._to_mlflow_entity(), [InputTag("mlflow.data.context", context)])
        self.tracking.client.log_inputs(self.run_id, [entity])

    def log_figure(self, figure: Figure, name: str) -> None:
        """A matplotlib figure as the file `figures/<name>`, such as `fan.png`."""
        self.tracking.client.log_figure(self.run_id, figure, f"figures/{name}")

    def log_text(self, text: str, path: str) -> None:
        """A text as a file of the run."""
        self.tracking.client.log_text(self.run_id, text, path)

    def log_json(self, value: Any, path: str) -> None:
        """A JSON value as a file of the run."""
        self.log_text(json.dumps(value, indent=1, sort_keys=True, default=str), path)

    def log_file(self, file: Path, folder: str | None = None) -> None:
        """A copy of a file, under a folder of the run's files."""
        self.tracking.client.log_artifact(self.run_id, str(file), folder)

    def log_environment(self) -> None:
        """Interpreter, machine, packages, and the commit of the code."""
        code = code_version()
        self.log_parameters(machine())
        dirty = str(code.dirty).lower()
        self.log_tags({"sgnn.version": code.version, "sgnn.git_commit": code.commit or "", "sgnn.git_dirty": dirty})
        if code.commit is not None:
            self.log_tags({"mlflow.source.git.commit": code.commit})
        self.log_text("\n".join(installed_packages()) + "\n", PACKAGES)

    def flush(self) -> None:
        """Write the points kept back."""
        with self._guard:
            points, self._pending = self._pending, []
            self._flushed = time.monotonic()
        for start in range(0, len(points), BATCH_METRICS):
            self.tracking.client.log_batch(self.run_id, metrics=points[start : start + BATCH_METRICS])

    @contextmanager
    def stage(self, name: str) -> Iterator[Run]:
        """A child run. One of this name that was cut off under the same parent is continued, else a new one begins."""
        tags = {STAGE_TAG: name, PARENT_TAG: self.run_id}
        with _open_run(self.tracking, name, tags) as run:
            yield run


def attach_run(tracking: Tracking, run_id: str) -> Run:
    """A run opened elsewhere, for writing to it; who opened it ends it. Call `flush` when done."""
    return Run(tracking, run_id)


@contextmanager
def pipeline_run(tracking: Tracking, name: str, identity: str, tags: Mapping[str, Any] | None = None) -> Iterator[Run]:
    """The parent run of a pipeline; ended as finished, failed (with its error) or killed when the block ends.

    `identity` names what is run (recipe and corpus digests): an unfinished run of the same identity whose process is
    gone is continued, so that a pipeline which was killed and started again is one run. Dead runs of other identities
    are marked as killed. Until the block ends MLflow may be away for two minutes: it is asked again.
    """
    close_dead_runs(tracking)
    with patient(), _open_run(tracking, name, {PIPELINE_TAG: identity}) as run:
        run.log_tags(dict(tags or {}))
        run.log_environment()
        yield run


def close_dead_runs(tracking: Tracking) -> tuple[str, ...]:
    """Mark runs as killed whose process is gone without ending them; their ids.

    Only runs whose lock lies in this home folder are judged: another machine's processes cannot be seen from here.
    """
    free = {path.name: path for path in tracking.locks.glob("run-*") if is_free(path)}
    dead = [run for run in _search(tracking, "attributes.status = 'RUNNING'") if run.data.tags.get(LOCK_TAG) in free]
    for run in dead:
        tracking.client.set_terminated(run.info.run_id, status="KILLED")
    for path in free.values():
        path.unlink(missing_ok=True)
    return tuple(run.info.run_id for run in dead)


@contextmanager
def _open_run(tracking: Tracking, name: str, identity: Mapping[str, str]) -> Iterator[Run]:
    """A run of this identity, continued or new, whose lock is held until it is ended."""
    # the lock is there before the run is: a kill between the two leaves a free lock, not a run that looks alive
    token = f"run-{uuid.uuid4().hex}"
    lock = _taken(tracking.locks / token)
    # of two processes that continue the same pipeline at once, one finds the run living
    with hold(tracking.locks / "runs"):
        run = _continued(tracking, identity, token) or _created(tracking, name, identity, token)
    try:
        yield run
    except Exception as error:
        run.log_tags({"sgnn.error": f"{type(error).__name__}: {error}"})
        _end(run, "FAILED")
        raise
    except BaseException:
        _end(run, "KILLED")
        raise
    else:
        _end(run, "FINISHED")
    finally:
        (tracking.locks / token).unlink(missing_ok=True)
        lock.close()


def _taken(path: Path) -> IO[bytes]:
    """A new lock, held; it gets its name when it is held, so that nobody takes it for a dead one before."""
    unnamed = path.with_name(f"new-{path.name}")
    lock = take(unnamed)
    assert lock is not None  # nobody else knows the name
    unnamed.rename(path)
    return lock


def _continued(tracking: Tracking, identity: Mapping[str, str], token: str) -> Run | None:
    clauses = [f"tags.`{name}` = '{value}'" for name, value in identity.items()]
    found = _search(tracking, " and ".join([*clauses, "attributes.status != 'FINISHED'"]))
    for run in found:
        # another process may be at it now, here or on a machine that cannot be seen
        if run.info.status == "RUNNING" and not _is_dead(tracking, run):
            continue
        resumed = Run(tracking, run.info.run_id)
        resumed.log_tags({LOCK_TAG: token, "sgnn.resumed": int(run.data.tags.get("sgnn.resumed", 0)) + 1})
        if "sgnn.error" in run.data.tags:
            tracking.client.delete_tag(run.info.run_id, "sgnn.error")
        tracking.client.update_run(run.info.run_id, status="RUNNING")
        return resumed
    return None


def _created(tracking: Tracking, name: str, identity: Mapping[str, str], token: str) -> Run:
    tags = {LOCK_TAG: token, "mlflow.user": _user(), "mlflow.source.name": "sgnn", **identity}
    created = tracking.client.create_run(tracking.experiment_id, tags=tags, run_name=name)
    return Run(tracking, created.info.run_id)


def _end(run: Run, status: str) -> None:
    run.flush()
    run.tracking.client.set_terminated(run.run_id, status=status)


def _is_dead(tracking: Tracking, run: MlflowRun) -> bool:
    path = tracking.locks / run.data.tags.get(LOCK_TAG, "unknown")
    return path.exists() and is_free(path)


def _search(tracking: Tracking, condition: str) -> list[MlflowRun]:
    found: list[MlflowRun] = []
    page: str | None = None
    while True:
        answer = tracking.client.search_runs(
            [tracking.experiment_id],
            filter_string=condition,
            run_view_type=ViewType.ACTIVE_ONLY,
            order_by=["attributes.start_time DESC"],
            page_token=page,
        )
        found.extend(answer)
        page = answer.token
        if not page:
            return found


def _flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat.update(_flatten(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of a nested mapping by dotted name."""
    return {
        name: float(value)
        for name, value in _flatten(values).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _prefixed(prefix: str, figures: Mapping[str, float]) -> dict[str, float]:
    return {f"{prefix}/{name}": value for name, value in figures.items()}


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
