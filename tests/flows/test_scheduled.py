"""Flows that run by themselves: what each decides, and a real server with a real worker on which cron fires."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, FlowRunFilter
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.dashboard import schedules
from flows.deployments import CRON, POOL, Deployment, deploy, deployed, deployments, pause
from flows.scheduled import draws_to_make, forecast_weekly
from flows.server import Server
from flows.silent_runs import NAME, NAME_UNBEGUN
from sgnn.corpus.recipe import Schedule, load_recipe
from sgnn.errors import ServiceError
from sgnn.learning.domain import Judgement
from sgnn.settings import Settings, load_settings

# a server, a worker and the processes of its flows, on a machine that may be busy
pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).parents[2]
RECIPE = "slow-walks"
EVERY_TEN_SECONDS = "* * * * * */10"


def test_neither_a_corpus_nor_the_dashboard_waits_for_pytorch() -> None:
    # each run is a process of its own, and begins with the module of its flow
    code = "import sys, flows.scheduled, flows.corpus, flows.dashboard; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("asked", "there", "grow", "made"),
    [
        (100, 0, 0, 100),
        (100, 0, 50, 100),
        (100, 100, 0, None),
        (100, 120, 0, None),
        (100, 40, 0, 100),
        (100, 100, 50, 150),
        (100, 150, 50, 200),
        (100, 20, 50, 100),
    ],
)
def test_a_corpus_is_made_where_it_lacks_draws_and_grows_where_it_should(
    asked: int, there: int, grow: int, made: int | None
) -> None:
    assert draws_to_make(asked, there, grow) == made


def test_a_recipe_has_a_schedule_for_each_kind_of_work() -> None:
    chosen = deployments(load_recipe("covid"), "covid", data="/data/cases.csv")
    assert {one.flow for one in chosen} == set(CRON)
    assert len({one.full_name for one in chosen}) == len(chosen)
    own = load_recipe("covid").model_copy(
        update={"schedule": Schedule(cron="5 4 * * *", timezone="Europe/Berlin", grow=9)}
    )
    corpus = deployments(own, "covid")[0]
    assert (corpus.cron, corpus.timezone, corpus.parameters["grow"]) == ("5 4 * * *", "Europe/Berlin", 9)


def test_the_file_of_deployments_says_what_the_table_says() -> None:
    document = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    written = [
        (one["entrypoint"], one["name"], one["schedules"], one["parameters"], one["work_pool"]["name"], one["tags"])
        for one in document["deployments"]
    ]
    expected = [
        (
            one.entrypoint,
            one.name,
            [{"cron": one.cron, "timezone": one.timezone, "slug": one.flow}],
            one.parameters,
            POOL,
            ["sgnn"],
        )
        for one in deployments(load_recipe("covid"), "covid")
    ]
    assert written == expected
    limits = {json.dumps(one["concurrency_limit"]) for one in document["deployments"]}
    assert limits == {'{"limit": 1, "collision_strategy": "CANCEL_NEW"}'}


def test_schedules_without_a_server_that_stays_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="none is configured; `sgnn stack up` starts one"):
        deployed(load_settings(home=tmp_path))


def test_what_is_deployed_shows_typed_parameters_and_can_be_paused(server: Server, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, prefect_api_url=server.api_url)
    deploy(deployments(load_recipe(RECIPE), RECIPE, tiny=True), settings)
    # twice is once
    deploy(deployments(load_recipe(RECIPE), RECIPE, tiny=True), settings)
    known = {one.entrypoint: one for one in deployed(settings)}
    assert len(known) == len(deployed(settings)) == 4
    corpus = known["flows.scheduled.corpus_weekly"]
    types = {name: one["type"] for name, one in corpus.parameter_openapi_schema["properties"].items()}
    assert types == {"recipe": "string", "tiny": "boolean", "grow": "integer"}
    name = f"corpus-weekly/{RECIPE}"
    shown = {one.name: one for one in schedules(settings)}
    assert len(shown) == 4
    assert (shown[name].when, shown[name].state) == (f"{CRON['corpus-weekly']} UTC", "")
    pause(name, settings, paused=True)
    assert {one.name: one.when for one in schedules(settings)}[name] == "paused"
    assert {one.entrypoint for one in deployed(settings) if one.paused} == {corpus.entrypoint}
    pause(name, settings, paused=False)
    assert not any(one.paused for one in deployed(settings))
    with pytest.raises(ServiceError, match="no schedule 'corpus-weekly/other'"):
        pause("corpus-weekly/other", settings, paused=True)
    with temporary_settings({PREFECT_API_URL: server.api_url}), get_client(sync_client=True) as client:
        for name in (NAME, NAME_UNBEGUN):
            [watching] = client.read_automations_by_name(name)
            assert watching.enabled
            client.delete_automation(watching.id)
        for one in deployed(settings):
            client.delete_deployment(one.id)


@pytest.fixture
def worker(configured: Settings, server: Server, tmp_path: Path) -> Iterator[None]:
    """A worker of the pool, as the stack has one."""
    log = (tmp_path / "worker.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.worker_process", "--pool", POOL, "--type", "process", "--name", "test"],
        env={**os.environ, "PREFECT_API_URL": server.api_url, "PREFECT_WORKER_QUERY_SECONDS": "2"},
        cwd=configured.home.parent,
        stdout=log,
        stderr=log,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def runs_of(server: Server) -> list[FlowRun]:
    """Runs that cron made of the recipe's corpus, in the order in which they were due."""
    wanted = FlowRunFilter.model_validate({"name": {"any_": [f"corpus-weekly {RECIPE}"]}})
    with temporary_settings({PREFECT_API_URL: server.api_url}), get_client(sync_client=True) as client:
        found = [run for run in client.read_flow_runs(flow_run_filter=wanted) if run.auto_scheduled]
    return sorted(found, key=lambda run: run.expected_start_time or run.created)  # type: ignore[arg-type,return-value]


@pytest.mark.usefixtures("worker")
def test_cron_fires_again_and_again_without_overlap_and_what_is_unchanged_is_not_made_again(
    configured: Settings, server: Server
) -> None:
    [corpus] = [one for one in deployments(load_recipe(RECIPE), RECIPE, tiny=True) if one.flow == "corpus-weekly"]
    deploy([replace(corpus, cron=EVERY_TEN_SECONDS)], configured)
    try:
        deadline = time.monotonic() + 600
        completed: list[FlowRun] = []
        while len(completed) < 2 and time.monotonic() < deadline:
            time.sleep(1)
            completed = [run for run in runs_of(server) if run.state_type is StateType.COMPLETED]
    finally:
        pause(corpus.full_name, configured, paused=True)
    [line] = [one for one in schedules(configured) if one.name == corpus.full_name]
    assert line.started is not None
    first, second = (run.state for run in completed[:2])
    assert first is not None
    assert second is not None
    assert "draws simulated" in str(first.message)
    assert "nothing to do" in str(second.message)
    spans = sorted((run.start_time, run.start_time + run.total_run_time) for run in completed if run.start_time)
    assert all(end <= start + timedelta(seconds=1) for (_, end), (start, _) in itertools.pairwise(spans))


class Heard(BaseHTTPRequestHandler):
    """A chat program that keeps what it is told."""

    said: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        self.said.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Everything that the configured webhook hears."""
    Heard.said = []
    with HTTPServer(("127.0.0.1", 0), Heard) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        monkeypatch.setenv("SGNN_WEBHOOK", f"http://127.0.0.1:{listening.server_port}/")
        yield Heard.said
        listening.shutdown()
        thread.join()


def table(weeks: int, jump: float = 1.0) -> pd.DataFrame:
    """Four series that rise and fall slowly; after week 24 they are `jump` times as high, week by week."""
    dates = pd.date_range("2026-01-03", periods=weeks, freq="7D")
    rows = [
        (f"region-{number}", date.strftime("%Y-%m-%d"), round(100 * (1 + 0.1 * (week % 3)) * jump ** max(week - 24, 0)))
        for number in range(4)
        for week, date in enumerate(dates)
    ]
    return pd.DataFrame(rows, columns=["series", "date", "value"])


def test_a_forecast_is_written_each_week_scored_later_and_flagged_where_the_world_has_changed(
    configured: Settings,
    server: Server,
    webhook: list[dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from io import StringIO

    from rich.console import Console

    from flows.prefect_client import connected
    from flows.run import train
    from flows.terminal import Terminal

    console = Console(file=StringIO())
    model = str(train(RECIPE, settings=configured, console=console, tiny=True)["model"])
    data, hub = tmp_path / "fresh.csv", tmp_path / "hub"

    def week(number: int, jump: float = 1.0) -> Any:
        table(number, jump).to_csv(data, index=False)
        return forecast_weekly(model, str(data), str(hub), relative_wis=3.0, minimum_sample=16, return_state=True)

    with connected(load_settings(), Terminal(console)):
        first = week(24)
        assert "0 earlier forecasts scored" in first.message
        calm = week(28)
        assert "16 earlier forecasts scored" in calm.message
        assert webhook == []
        changed = week(32, jump=2.0)
    assert changed.name == "Drifted"
    assert "relative WIS" in changed.message or "90 % intervals covered" in changed.message
    assert [one["event"] for one in webhook] == ["drift"]
    page = (configured.home / "dashboard.html").read_text()
    assert "drifted" in page
    assert "2026-08-08" in page
    with temporary_settings({PREFECT_API_URL: server.api_url}), get_client(sync_client=True) as client:
        kept = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["dashboard"])))
    assert len(kept) == 3
    assert any("drifted" in str(one.data) for one in kept)
    assert sorted(file.stem for file in hub.iterdir()) == ["2026-06-13", "2026-07-11", "2026-08-08"]

    # of the tiny recipe too few draws are kept apart to judge by
    odd = Judgement(np.array([0.01, 0.02, 0.4, 0.03]), np.full(4, np.nan), np.full(4, np.nan), 1000)
    monkeypatch.setattr("sgnn.learning.judging.judge_origins", lambda *_: [odd])
    with connected(load_settings(), Terminal(console)):
        strange = forecast_weekly(model, str(data), str(tmp_path / "other"), return_state=True)
    # nothing was scored there, and still it is told
    assert [one["event"] for one in webhook] == ["drift", "drift"]
    assert strange.name == "Drifted"
    assert strange.message == "3 of 4 series look like nothing simulated, expected at most 25%"


def test_a_scheduled_run_that_fails_is_told(
    configured: Settings, webhook: list[dict[str, Any]], tmp_path: Path
) -> None:
    from io import StringIO

    from rich.console import Console

    from flows.prefect_client import connected
    from flows.terminal import Terminal

    with connected(load_settings(), Terminal(Console(file=StringIO()))):
        state = forecast_weekly("no-such-model", str(tmp_path / "x.csv"), return_state=True)
    assert state.is_failed()
    assert [(one["event"], one["flow"]) for one in webhook] == [("failed", "forecast-weekly")]
    assert configured.home != Path()


def test_a_deployment_is_found_by_the_name_of_its_function() -> None:
    import flows.scheduled

    for flow in CRON:
        function = Deployment(flow, "x", CRON[flow], "UTC").entrypoint.rpartition(".")[2]
        assert getattr(flows.scheduled, function).name == flow
