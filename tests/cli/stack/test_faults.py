"""Faults of the stack during a run: after each the run finishes or resumes, and leaves what an undisturbed one leaves.

docs/reliability.md tells the outcome of each row.
"""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from tests.cli.stack.conftest import forecast
from tests.cli.stack.doored import PATIENCE, Doored, Left, stack_behind_doors, until

# a stack, and a run of all stages for each row, on a machine that may be busy
pytestmark = pytest.mark.timeout(3000)

OUTAGE = 30.0
"""Seconds for which the object store is busy, or the network cut."""
PAGE = Path(__file__).parents[3] / "docs" / "reliability.md"


@pytest.fixture(scope="module")
def doored() -> Iterator[Doored]:
    """The stack, up, with two workers; each draw takes a tenth of a second."""
    served = {"SGNN_SERVED": "undisturbed-tiny"}
    with stack_behind_doors(SLOW_WALKS_SECONDS="0.1", SGNN_WORKERS="2", **served) as stack:
        yield stack


@pytest.fixture(scope="module")
def undisturbed(doored: Doored) -> Left:
    """What a run leaves that nobody disturbed."""
    with doored.running(doored.recipe("undisturbed")) as process:
        output, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    return doored.left(json.loads(output))


Strike = Callable[[Doored, psutil.Process], None]


def killed(name: str) -> Strike:
    """Kill all processes of a service."""

    def strike(doored: Doored, _run: psutil.Process) -> None:
        ended(doored, name, lambda pid: os.killpg(pid, signal.SIGKILL))

    return strike


def ended(doored: Doored, name: str, end: Callable[[int], None]) -> None:
    """End a service, and wait until its supervisor has seen it."""
    before = doored.service(name)
    end(before["pid"])
    until(lambda: doored.service(name)["restarts"] > before["restarts"], f"{name} is seen as dead")


def postgres_restarted(doored: Doored, _run: psutil.Process) -> None:
    """End PostgreSQL as its own tools do; it is started again."""
    ended(doored, "postgres", lambda pid: os.kill(pid, signal.SIGINT))


def one_worker_killed(doored: Doored, _run: psutil.Process) -> None:
    """Kill a process that makes blocks; the one that watches over it lives."""
    children = psutil.Process(doored.service("workers")["pid"]).children(recursive=True)
    next(one for one in children if "spawn_main" in " ".join(one.cmdline())).kill()


def store_busy(doored: Doored, _run: psutil.Process) -> None:
    """Let the object store answer 503 for a while."""
    doored.objects.faults = lambda _: "busy"
    time.sleep(OUTAGE)
    doored.objects.faults = lambda _: None


def network_cut(doored: Doored, _run: psutil.Process) -> None:
    """Break what connects workers with their scheduler, for a while."""
    assert doored.scheduler.passed > 0
    doored.scheduler.cut()
    time.sleep(OUTAGE)
    doored.scheduler.mend()


def run_killed(_doored: Doored, run: psutil.Process) -> None:
    """Kill the command itself."""
    run.kill()


SIMULATING = "while blocks are made"
REGISTERING = "while the model is registered"
FINISHES, RESUMES = "finishes", "resumes"


@dataclass(frozen=True)
class Fault:
    """A row of the table."""

    name: str
    moment: str
    strike: Strike
    outcome: str = FINISHES


FAULTS = (
    Fault("objects-killed", SIMULATING, killed("objects")),
    Fault("store-busy", SIMULATING, store_busy),
    Fault("postgres-restarted", SIMULATING, postgres_restarted),
    Fault("workers-killed", SIMULATING, killed("workers")),
    Fault("network-cut", SIMULATING, network_cut),
    Fault("postgres-killed", SIMULATING, killed("postgres")),
    Fault("prefect-killed", SIMULATING, killed("prefect")),
    Fault("mlflow-killed", SIMULATING, killed("mlflow")),
    Fault("scheduler-killed", SIMULATING, killed("scheduler")),
    Fault("one-worker-killed", SIMULATING, one_worker_killed),
    Fault("run-killed", SIMULATING, run_killed, RESUMES),
    Fault("objects-killed-late", REGISTERING, killed("objects")),
    Fault("store-busy-late", REGISTERING, store_busy),
    Fault("postgres-killed-late", REGISTERING, killed("postgres")),
    Fault("postgres-restarted-late", REGISTERING, postgres_restarted),
    Fault("prefect-killed-late", REGISTERING, killed("prefect")),
    Fault("mlflow-killed-late", REGISTERING, killed("mlflow")),
    Fault("run-killed-late", REGISTERING, run_killed, RESUMES),
)
WORKER_KILLED, MISSED = "scheduled-killed", "missed"
"""Rows of runs that a schedule begins."""
SERVE_KILLED = "serve-killed"
"""A row without a run."""


def test_every_row_is_told_in_the_documentation_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text(), flags=re.MULTILINE)
    assert rows == [*(fault.name for fault in FAULTS), WORKER_KILLED, MISSED, SERVE_KILLED]


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_run_finishes_or_resumes_and_leaves_what_an_undisturbed_one_leaves(
    doored: Doored, undisturbed: Left, fault: Fault
) -> None:
    doored.well()
    recipe, models = doored.recipe(fault.name), doored.files("mlflow/*/models/*")
    with doored.running(recipe) as process:
        going = lambda: process.poll() is None  # noqa: E731
        if fault.moment == SIMULATING:
            until(lambda: doored.blocks(f"{fault.name}-tiny") > 0, "a block is made", going)
        else:
            until(lambda: bool(doored.files("mlflow/*/models/*") - models), "the model is sent", going)
        fault.strike(doored, psutil.Process(process.pid))
        output, told = process.communicate(timeout=PATIENCE)
    assert (process.returncode == 0) == (fault.outcome == FINISHES), told
    if fault.outcome == RESUMES:
        doored.well()
        output = doored.live.sgnn("run", str(recipe), "--tiny", "--json")
    assert doored.left(json.loads(output)) == undisturbed


SCHEDULE = """
import sys
from datetime import timedelta
from prefect.client.orchestration import get_client
from flows.deployments import Deployment, deploy
from flows.silent_runs import watch_over_runs
from sgnn.settings import load_settings

parameters = {"recipe": sys.argv[1], "tiny": True, "grow": 0}
deploy([Deployment("corpus-weekly", sys.argv[2], sys.argv[3], "UTC", parameters)], load_settings())
with get_client(sync_client=True) as client:
    # usually five minutes
    watch_over_runs(client, timedelta(seconds=60))
"""


def scheduled(doored: Doored, name: str, cron: str) -> str:
    """A schedule on which the corpus of a recipe is made; its full name."""
    doored.as_user(SCHEDULE, str(doored.recipe(name)), name, cron)
    return f"corpus-weekly/{name}"


def runs(doored: Doored, name: str, due: str = "run.expected_start_time <= now()") -> list[str]:
    """States of the runs of a schedule that were due, in their order."""
    found = doored.rows(
        "prefect",
        "SELECT run.state_type FROM flow_run AS run JOIN deployment ON deployment.id = run.deployment_id "
        f"WHERE deployment.name = '{name}' AND {due} ORDER BY run.expected_start_time",
    )
    return [state for (state,) in found]


def kill_tree(pid: int) -> None:
    """Kill a process and all that it started, whatever group they are in."""
    for process in (*psutil.Process(pid).children(recursive=True), psutil.Process(pid)):
        with suppress(psutil.NoSuchProcess):
            process.kill()


@pytest.mark.long
def test_a_scheduled_run_killed_with_its_worker_is_called_crashed_and_a_later_one_makes_what_is_missing(
    doored: Doored, undisturbed: Left
) -> None:
    doored.well()
    name = WORKER_KILLED
    schedule = scheduled(doored, name, "* * * * * */15")
    until(lambda: doored.blocks(f"{name}-tiny") > 0, "a block is made")
    # a sign of life is given every half minute, and first of all: without any nobody is missed
    time.sleep(5)
    ended(doored, "worker", kill_tree)
    until(lambda: "CRASHED" in runs(doored, name), "the run is called crashed")
    until(lambda: "COMPLETED" in runs(doored, name)[runs(doored, name).index("CRASHED") :], "a later run completes")
    doored.live.sgnn("schedules", "pause", schedule)
    assert doored.shards(name) == undisturbed.shards
    until(lambda: set(runs(doored, name)) == {"CRASHED", "COMPLETED", "CANCELLED"}, "no run is under way")


@pytest.mark.long
def test_after_a_time_in_which_nothing_ran_what_was_missed_is_done_once(doored: Doored, undisturbed: Left) -> None:
    doored.well()
    began = time.monotonic()
    doored.live.sgnn("schedules", "list")
    # so far ahead that the stack is down by then, as fast as the machine is now
    ahead = timedelta(seconds=40 + 6 * (time.monotonic() - began))
    name, first = MISSED, datetime.now(UTC).replace(microsecond=0) + ahead
    if first.second > 50:
        first += timedelta(seconds=20)
    # twice, in an hour
    scheduled(doored, name, f"{first.minute} * * * * {first.second},{first.second + 3}")
    soon = f"run.expected_start_time <= '{(first + timedelta(seconds=3)).isoformat()}'"
    until(lambda: runs(doored, name, soon) == ["SCHEDULED"] * 2, "both are planned")
    doored.live.sgnn("stack", "down", user=False)
    assert datetime.now(UTC) < first
    time.sleep((first + timedelta(seconds=5) - datetime.now(UTC)).total_seconds())
    doored.live.sgnn("stack", "up", user=False)
    until(lambda: "COMPLETED" in runs(doored, name), "what was missed is done")
    until(lambda: sorted(runs(doored, name)) == ["CANCELLED", "COMPLETED"], "one is done, the other left out")
    assert doored.shards(name) == undisturbed.shards


@pytest.mark.long
def test_the_api_killed_is_started_again_and_answers_what_it_answered(doored: Doored, undisturbed: Left) -> None:
    assert undisturbed.weights
    doored.well()
    address, model = doored.service("serve")["address"], "undisturbed-tiny"
    answers: list[bytes] = []

    def answered() -> bool:
        with suppress(OSError):
            answers.append(forecast(address, model))
            return True
        return False

    # it waited for the model, and looks for one now and then
    until(answered, "the model is served")
    killed("serve")(doored, psutil.Process())
    until(answered, "the model is served again")
    assert answers[0] == answers[1]
