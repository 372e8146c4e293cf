"""`sgnn serve` under load: fifty clients that ask without a pause, while the alias of the model moves twenty times."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

import numpy as np

from sgnn.cli.bench.figure import Figure
from sgnn.errors import ServiceError
from sgnn.settings import Settings, as_environment

if TYPE_CHECKING:
    from sgnn.cli.bench.workplace import Workplace
    from sgnn.tracking.connection import Tracking

MODEL = "bench"
CLIENTS, MOVES = 50, 20
ALONE_SECONDS = 5.0
PATIENCE = 60.0
"""Seconds that a client waits for an answer."""
BROKEN, LATE = 0, -1
"""In place of a status: the connection broke, or no answer came while the client waited."""
START_SECONDS = 120.0
WEEKS = 30


@dataclass(frozen=True)
class Load:
    """What clients saw of each question: seconds to its answer, and its status, `BROKEN` or `LATE`."""

    seconds: tuple[float, ...]
    statuses: tuple[int, ...]
    versions: frozenset[str]
    """Versions that answered."""
    lasted: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(status > 0 for status in self.statuses) / self.lasted

    @property
    def faults(self) -> int:
        """Answers that were the server's fault."""
        return sum(status >= 500 for status in self.statuses)

    @property
    def broken(self) -> int:
        """Connections that broke before an answer was whole."""
        return self.statuses.count(BROKEN)

    @property
    def late(self) -> int:
        """Questions whose client gave up waiting."""
        return self.statuses.count(LATE)

    def milliseconds(self, percent: float) -> float:
        """Time within which so many percent of the questions were answered or given up, ms."""
        return 1e3 * float(np.percentile(self.seconds, percent))


def measure(place: Workplace) -> tuple[Figure, ...]:
    """A network of the usual size, forecasts of one series of 30 weeks; beside one client alone."""
    return figures(place.settings, CLIENTS, MOVES, place.seconds)


def figures(settings: Settings, clients: int, moves: int, seconds: float) -> tuple[Figure, ...]:
    """Rate, median and 99th percentile of many clients beside one, and how many answers were faults."""
    from sgnn.tracking.connection import open_tracking

    tracking = open_tracking(settings)
    register_two(settings, tracking)
    with _served(settings) as port:
        alone = _load(port, 1, min(ALONE_SECONDS, seconds))
        moved = threading.Thread(target=_move, args=(tracking, moves, seconds))
        moved.start()
        many = _load(port, clients, seconds)
        moved.join()
    said = f"{clients} clients, {seconds:.0f} s, alias moved {moves} times"
    total = float(len(many.statuses))
    return (
        Figure("serve", f"answers, {said}", many.rate, "1/s", "one client", alone.rate),
        Figure("serve", "median time to an answer", many.milliseconds(50), "ms", "one client", alone.milliseconds(50)),
        Figure("serve", "99 % of answers within", many.milliseconds(99), "ms", "one client", alone.milliseconds(99)),
        Figure("serve", "answers that were faults (5xx)", float(many.faults), "", "all questions", total),
        Figure("serve", "connections that broke", float(many.broken), "", "all questions", total),
        Figure("serve", f"no answer in {PATIENCE:.0f} s", float(many.late), "", "all questions", total),
        Figure("serve", "versions that answered", float(len(many.versions)), "", "versions there are", 2.0),
    )


def register_two(settings: Settings, tracking: Tracking) -> None:
    """Two versions of a forecaster that nobody trained: what is measured does not depend on what it says."""
    import torch

    from sgnn.corpus.sections import Gate
    from sgnn.learning.model import Model, save_model
    from sgnn.learning.task import make_task
    from sgnn.simulation import Dimension, Schema, Variable
    from sgnn.tracking.lineage import Lineage
    from sgnn.tracking.models import log_forecaster
    from sgnn.tracking.promotion import promote
    from sgnn.tracking.registry import register
    from sgnn.tracking.runs import pipeline_run

    counts = Variable("counts", ("week",), "float32", "count", "observable", "weekly counts")
    schema = Schema((Dimension("week", 120, unit="week"),), (counts,), (), ())
    task = make_task("forecast", {"target": "counts", "horizons": 8})
    gates = (Gate(name="any", protocol="none", metric="relative_mae", comparison="<=", value=1.0),)
    scores = {"none": {"protocol": "none", "scores": {"relative_mae": 0.5}}}
    with pipeline_run(tracking, MODEL, MODEL) as run:
        for seed in (1, 2):
            torch.manual_seed(seed)
            folder = save_model(settings.home / f"weights-{seed}", Model(task, task.network(schema), schema, {}))
            logged = log_forecaster(run, folder, MODEL, "")
            register(tracking, MODEL, logged, Lineage(MODEL, "", MODEL, "", 1), scores, gates)
    promote(tracking, MODEL, 1)


def question() -> bytes:
    """A request for a forecast of one series."""
    dates = [(date(2026, 1, 3) + timedelta(weeks=week)).isoformat() for week in range(WEEKS)]
    values = [round(100 + 60 * np.sin(week / 4)) for week in range(WEEKS)]
    return json.dumps({"series": [{"name": "a", "dates": dates, "values": values}], "horizon": 4}).encode()


@contextmanager
def _served(settings: Settings) -> Iterator[int]:
    """A server of the model in a process of its own, without bounds on how often somebody asks; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    log = settings.home / "serve.log"
    options = ["--port", str(port), "--rate", "1000000", "--burst", "1000000", "--look", "0.5"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sgnn.cli", "serve", MODEL, *options],
            env=os.environ | as_environment(settings),
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _lives(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServiceError("the server did not start", remedy=f"see {log}")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def _lives(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        return _ask(connection, "GET", "/health", None)[0] == 200


def _load(port: int, clients: int, seconds: float) -> Load:
    """So many clients, each with one connection, ask for so long; each asks again when it is answered."""
    body, began = question(), time.perf_counter()
    found: list[tuple[float, int, str]] = []

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        while time.perf_counter() - began < seconds:
            asked = time.perf_counter()
            status, said = _ask(connection, "POST", f"/v1/models/{MODEL}/forecast", body)
            # appending is safe between threads
            found.append((time.perf_counter() - asked, status, json.loads(said)["model"] if status == 200 else ""))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - began
    times, statuses, versions = zip(*found, strict=True)
    return Load(tuple(times), tuple(statuses), frozenset(versions) - {""}, lasted)


def _ask(connection: HTTPConnection, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except TimeoutError:
        connection.close()
        return LATE, b""
    except (OSError, HTTPException):
        connection.close()
        return BROKEN, b""


def _move(tracking: Tracking, moves: int, seconds: float) -> None:
    """Move the alias from one version to the other and back, evenly over the time."""
    from sgnn.tracking.promotion import promote, rollback

    for move in range(moves):
        time.sleep(seconds / (moves + 1))
        with suppress(ServiceError):
            promote(tracking, MODEL, 2) if move % 2 == 0 else rollback(tracking, MODEL)
