"""Faults of the stack during a run: after each the run finishes, and leaves what an undisturbed one leaves.

Every row has a recipe of its own whose corpus has the draws, and whose network the weights, of the undisturbed run.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.cli.stack.conftest import Live, home_of_a_stack
from tests.cli.stack.doors import Gate
from tests.corpus.store.proxy import Proxy

# a stack, and a run of all stages for each row, on a machine that may be busy
pytestmark = [pytest.mark.long, pytest.mark.timeout(3000)]

ROOT = Path(__file__).parents[3]
PATIENCE = 1200.0
OUTAGE = 30.0
"""Seconds for which the network is cut."""
RECIPE = """
name: {name}
extends: slow-walks
corpus: {{name: {name}}}
"""


@dataclass
class Doored:
    """A stack whose object store and scheduler are reached through doors, and the run that goes on."""

    live: Live
    objects: Proxy
    scheduler: Gate

    def service(self, name: str) -> dict[str, Any]:
        """What the supervisor knows of a service."""
        return self.live.services()[name]

    def files(self, pattern: str) -> set[Path]:
        """Objects that are there now."""
        return set((self.live.layout.objects / "sgnn").glob(pattern))

    def rows(self, database: str, query: str) -> list[tuple[Any, ...]]:
        """Rows of one of the databases."""
        port = int(self.service("postgres")["address"].rpartition(":")[2])
        password = (self.live.layout.secrets / f"postgres-{database}").read_text()
        with psycopg.connect(
            host="127.0.0.1", port=port, user=database, password=password, dbname=database
        ) as connection:
            return connection.execute(query).fetchall()

    def recipe(self, name: str) -> Path:
        """A file of the recipe under that name."""
        file = self.live.home / f"{name}.yaml"
        file.write_text(RECIPE.format(name=name))
        return file

    @contextmanager
    def running(self, recipe: Path) -> Iterator[subprocess.Popen[str]]:
        """The command at work."""
        process = subprocess.Popen(
            [sys.executable, "-m", "sgnn.cli", "run", str(recipe), "--tiny", "--json"],
            env={**self.live.environment, "SGNN_SETTINGS": str(self.live.layout.settings)},
            cwd=self.live.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def well(self) -> None:
        """Wait until every service runs."""
        until(lambda: all(one["state"] == "runs" for one in self.live.services().values()), "all services are well")


def until(reached: Callable[[], bool], what: str, going: Callable[[], bool] = lambda: True) -> None:
    """Wait for something; it must come while `going`, and in time."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert going(), f"it ended before: {what}"
        assert time.monotonic() < deadline, f"not in {PATIENCE:.0f} s: {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def doored() -> Iterator[Doored]:
    """The stack, up, each draw taking a tenth of a second."""
    with home_of_a_stack(SLOW_WALKS_SECONDS="0.1") as live:
        ports = json.loads(live.layout.ports.read_text())
        objects, scheduler = Proxy(ports["objects"]), Gate(ports["scheduler"])
        doors = {"objects": objects.url, "scheduler": f"tls://127.0.0.1:{scheduler.port}"}
        command = [sys.executable, "-m", "tests.cli.stack.behind_doors"]
        path = os.pathsep.join([live.environment["PYTHONPATH"], str(ROOT)])
        environment = {**live.environment, "PYTHONPATH": path, "DOORS": json.dumps(doors)}
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        stack = Doored(live, objects, scheduler)
        until(lambda: (live.layout.root / "supervisor.json").exists(), "the supervisor runs")
        try:
            live.sgnn("stack", "up", user=False)
            yield stack
        finally:
            live.sgnn("stack", "down", user=False)
            process.wait()
            scheduler.close()
            objects.close()


@pytest.fixture(scope="module")
def undisturbed(doored: Doored) -> Left:
    """What a run leaves that nobody disturbed."""
    with doored.running(doored.recipe("undisturbed")) as process:
        output, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    return left(doored, json.loads(output))


@dataclass(frozen=True)
class Left:
    """What a run leaves: sha256 of each shard of the corpus, digest of its values, sha256 of the weights."""

    shards: dict[str, str]
    content: str
    weights: str


def left(doored: Doored, released: dict[str, Any]) -> Left:
    """What a run has left, once it is made sure that no model is half there and no run is open."""
    name = released["model"]
    [(number,)] = doored.rows("mlflow", f"SELECT version FROM model_versions WHERE name = '{name}'")
    assert number == released["version"]
    tags = dict(doored.rows("mlflow", f"SELECT key, value FROM model_version_tags WHERE name = '{name}'"))
    # written last of all
    assert set(json.loads(tags["sgnn.results"])) == {"slow-steady"}
    aliases = doored.rows("mlflow", f"SELECT alias, version FROM registered_model_aliases WHERE name = '{name}'")
    assert dict(aliases) == {"candidate": number, "champion": number}
    states = doored.rows("mlflow", "SELECT DISTINCT status FROM runs")
    assert ("RUNNING",) not in states
    [weights] = doored.files(f"mlflow/*/models/{tags['sgnn.model_id']}/artifacts/artifacts/model/model.safetensors")
    return Left(shards_of(doored, name), tags["sgnn.corpus_content_digest"], sha256(weights))


def shards_of(doored: Doored, name: str) -> dict[str, str]:
    """sha256 of each shard of a corpus."""
    [corpus] = doored.files(f"corpora/{name}-*")
    return {str(file.relative_to(corpus)): sha256(file) for file in corpus.glob("corpus.zarr/**/c/**/*")}


def sha256(file: Path) -> str:
    """Digest of a file; of a folder, nothing."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def killed(name: str) -> Callable[[Doored], None]:
    """Kill the process of a service."""

    def strike(doored: Doored) -> None:
        before = doored.service(name)
        os.kill(before["pid"], signal.SIGKILL)
        until(lambda: doored.service(name)["restarts"] > before["restarts"], f"{name} is seen as dead")

    return strike


def one_worker_killed(doored: Doored) -> None:
    """Kill a process that makes blocks; the one that watches over it lives."""
    children = psutil.Process(doored.service("workers")["pid"]).children(recursive=True)
    [worker] = [one for one in children if "spawn_main" in " ".join(one.cmdline())]
    worker.kill()


def network_cut(doored: Doored) -> None:
    """Break what connects workers with their scheduler, for a while."""
    assert doored.scheduler.passed > 0
    doored.scheduler.cut()
    time.sleep(OUTAGE)
    doored.scheduler.mend()


SIMULATING = "while blocks are made"
REGISTERING = "while the model is registered"


@dataclass(frozen=True)
class Fault:
    """A row of the table."""

    name: str
    moment: str
    strike: Callable[[Doored], None]


FAULTS = (
    Fault("mlflow-killed", SIMULATING, killed("mlflow")),
    Fault("mlflow-killed-late", REGISTERING, killed("mlflow")),
    Fault("prefect-killed", SIMULATING, killed("prefect")),
    Fault("postgres-killed", SIMULATING, killed("postgres")),
    Fault("one-worker-killed", SIMULATING, one_worker_killed),
    Fault("scheduler-killed", SIMULATING, killed("scheduler")),
    Fault("network-cut", SIMULATING, network_cut),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_run_finishes_and_leaves_what_an_undisturbed_one_leaves(
    doored: Doored, undisturbed: Left, fault: Fault
) -> None:
    doored.well()
    recipe, models = doored.recipe(fault.name), doored.files("mlflow/*/models/*")
    with doored.running(recipe) as process:
        going = lambda: process.poll() is None  # noqa: E731
        if fault.moment == SIMULATING:
            until(lambda: bool(doored.files(f"corpora/{fault.name}-tiny*/records/*.json")), "a block is made", going)
        else:
            until(lambda: bool(doored.files("mlflow/*/models/*") - models), "the model is sent", going)
        fault.strike(doored)
        output, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    assert left(doored, json.loads(output)) == undisturbed


SILENT = """
import sys, time
from datetime import timedelta
from prefect import flow
from prefect.client.orchestration import get_client
from flows.silent_runs import watch_over_runs

@flow(name="silent", flow_run_name="silent")
def silent():
    print("running", flush=True)
    time.sleep(3600)

with get_client(sync_client=True) as client:
    watch_over_runs(client, timedelta(seconds=60))
silent()
"""


def test_a_run_killed_with_whoever_would_have_told_is_called_crashed(doored: Doored) -> None:
    doored.well()
    credentials = {file.name: file.read_text() for file in doored.live.layout.client.iterdir() if file.suffix == ""}
    script = doored.live.home / "silent.py"
    script.write_text(SILENT)
    path = os.pathsep.join([str(ROOT), doored.live.environment["PYTHONPATH"]])
    api = {"PREFECT_API_URL": f"{doored.service('prefect')['address']}/api", "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
    with subprocess.Popen(
        [sys.executable, str(script)],
        env={**doored.live.environment, **credentials, **api, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "running" in process.stdout.readline()
        # the first sign of life is given when it begins, and travels a moment
        time.sleep(10)
        process.kill()
    query = "SELECT state.message FROM flow_run AS run JOIN flow_run_state AS state ON state.id = run.state_id"
    until(
        lambda: doored.rows("prefect", f"{query} WHERE run.name = 'silent' AND run.state_type = 'CRASHED'") != [],
        "the run is called crashed",
    )
    [(message,)] = doored.rows("prefect", f"{query} WHERE run.name = 'silent'")
    assert message == "no sign of life for 60 s: its process is gone"
