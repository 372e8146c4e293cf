"""The pipeline, all parts real: simulated, trained, benchmarked, registered, reported, and not done twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import psutil
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.sorting import FlowRunSort
from prefect.settings import PREFECT_API_URL, temporary_settings
from rich.console import Console

from flows.run import benchmark, run_pipeline, train
from flows.server import Server
from sgnn.errors import UnknownNameError
from sgnn.evaluation.files import MissingData
from sgnn.settings import Settings, load_settings
from sgnn.tracking.connection import open_tracking
from sgnn.tracking.reference import find_version
from sgnn.tracking.registry import DECISION_TAG, read_benchmarks

# whole flows with all their processes, on a machine that may be busy
pytestmark = pytest.mark.timeout(900)

RECIPE = "slow-walks"
STAGES = ["benchmark", "corpus", "pretrain", "release"]


def run(settings: Settings, recipe: str = RECIPE) -> tuple[dict[str, Any], str]:
    said = StringIO()
    return run_pipeline(recipe, settings=settings, console=Console(file=said), tiny=True), said.getvalue()


@pytest.fixture(scope="module")
def done(server: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dict[str, Any], str]:
    """A home folder in which the recipe was run once, what that gave, and what it said."""
    settings = load_settings(
        home=tmp_path_factory.mktemp("done"), prefect_api_url=server.api_url, workers=2, data_mirror="/nowhere"
    )
    return settings, *run(settings)


Done = tuple[Settings, dict[str, Any], str]


def flow_runs(settings: Settings) -> dict[str, str]:
    """State of the recipe's newest tiny flow runs, by their names."""
    with temporary_settings({PREFECT_API_URL: settings.prefect_api_url}), get_client(sync_client=True) as client:
        known = FlowRunFilter.model_validate({"name": {"like_": RECIPE}})
        runs = client.read_flow_runs(flow_run_filter=known, sort=FlowRunSort.START_TIME_ASC)
    return {one.name: str(one.state_name) for one in runs if one.parameters.get("tiny")}


def test_a_run_ends_with_corpus_model_version_alias_and_report(done: Done) -> None:
    _, result, said = done
    assert list(result) == ["corpus", "simulated", "model", "version", "alias", "report"]
    assert (result["simulated"], result["model"], result["version"]) == (160, "slow-walks-tiny", 1)
    # its one gate asks for next to nothing
    assert result["alias"] == "champion"
    assert "<html" in Path(result["report"]).read_text()
    assert result["report"] in said


def test_every_stage_is_a_flow_run_of_the_prefect_page(done: Done) -> None:
    states = flow_runs(done[0])
    for flow in ("pipeline", *STAGES):
        assert states[f"{flow} {RECIPE}"] == "Completed"


def test_one_mlflow_run_holds_a_child_for_every_stage(done: Done) -> None:
    tracking = open_tracking(done[0])
    runs = tracking.client.search_runs([tracking.experiment_id])
    (parent,) = [one for one in runs if "mlflow.parentRunId" not in one.data.tags]
    children = [one for one in runs if one.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    assert sorted(one.info.run_name for one in children) == STAGES
    assert {one.info.status for one in runs} == {"FINISHED"}
    by_name = {one.info.run_name: one for one in children}
    assert by_name["corpus"].inputs.dataset_inputs[0].dataset.name == "slow-walks-tiny"
    assert by_name["pretrain"].data.metrics["steps"] == 20
    assert len(tracking.client.get_metric_history(by_name["pretrain"].info.run_id, "held_out_loss")) >= 2
    assert "slow-steady/relative_mae" in by_name["benchmark"].data.metrics


def test_the_version_names_its_corpus_its_benchmarks_and_its_run(done: Done) -> None:
    settings, result, _ = done
    version = find_version("slow-walks-tiny@champion", settings)
    assert version.lineage.corpus_digest == result["corpus"]
    assert list(read_benchmarks(open_tracking(settings), version)) == ["slow-steady"]
    assert version.lineage.pipeline_run


def test_the_same_recipe_again_simulates_nothing_starts_nothing_and_says_so(done: Done) -> None:
    settings, result, _ = done
    before = flow_runs(settings)
    began = time.monotonic()
    again, said = run(settings)
    assert time.monotonic() - began < 15
    assert again == {**result, "simulated": 0}
    assert "nothing simulated" in said
    assert flow_runs(settings) == before


def test_a_lost_report_is_written_again_and_nothing_else_is_done(done: Done) -> None:
    settings, result, _ = done
    Path(result["report"]).unlink()
    again, said = run(settings)
    assert again == {**result, "simulated": 0}
    assert "nothing simulated" in said
    assert "unchanged" in said
    assert Path(result["report"]).exists()


def test_a_version_that_people_rolled_back_is_not_promoted_by_running_its_recipe(done: Done) -> None:
    settings, result, _ = done
    tracking = open_tracking(settings)
    version = find_version("slow-walks-tiny/1", settings)
    key = f"{DECISION_TAG}99990101T000000.000000Z"
    decision = json.dumps({"decision": "rolled back", "who": "somebody"})
    tracking.client.set_model_version_tag(version.name, str(version.number), key, decision)
    tracking.client.delete_registered_model_alias(version.name, "champion")
    Path(result["report"]).unlink()
    again, said = run(settings)
    assert again["alias"] == "candidate"
    assert "rolled back by people" in said


def test_a_registered_model_is_benchmarked_by_its_name(done: Done) -> None:
    said = StringIO()
    scored = benchmark("slow-walks-tiny/1", "slow-steady", settings=done[0], console=Console(file=said))
    assert scored["protocol"] == "slow-steady"
    assert set(scored["baselines"]) == {"last_value"}
    # the command shows the table, once, as its result
    assert "last value" not in said.getvalue()


def test_a_benchmark_by_name_whose_data_are_missing_says_which(done: Done) -> None:
    with pytest.raises(MissingData, match="nobody/nothing"):
        benchmark("slow-walks-tiny/1", "slow-absent", settings=done[0], console=Console(file=StringIO()))


def test_an_unknown_protocol_is_said_with_near_names(done: Done) -> None:
    with pytest.raises(UnknownNameError, match="slow-steady"):
        benchmark("slow-walks-tiny/1", "slow-stead", settings=done[0], console=Console(file=StringIO()))


def test_training_alone_finds_its_corpus_and_starts_afresh_when_told(done: Done) -> None:
    settings, console = done[0], Console(file=StringIO())
    first = train(RECIPE, settings=settings, console=console, tiny=True)
    written = Path(first["model"]).stat().st_mtime_ns
    assert train(RECIPE, settings=settings, console=console, tiny=True) == first
    assert Path(first["model"]).stat().st_mtime_ns == written
    afresh = train(RECIPE, settings=settings, console=console, tiny=True, resume="never")
    assert afresh["model"] == first["model"]
    assert Path(first["model"]).stat().st_mtime_ns > written
    assert afresh["resumed"] is False


def commands_below(process: subprocess.Popen[bytes]) -> Iterator[str]:
    """Command lines of what runs below a process, without those that end just now."""
    for one in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.Error):
            yield " ".join(one.cmdline())


@pytest.fixture
def absent(tmp_path: Path) -> str:
    """The recipe with a protocol whose data are nowhere to be had."""
    text = (Path(__file__).parent / "toy" / "slow_walks" / "slow-walks.yaml").read_text()
    recipe = tmp_path / "absent.yaml"
    recipe.write_text(
        text.replace("name: slow-walks\ndescription", "name: absent\ndescription").replace("slow-steady", "slow-absent")
    )
    return str(recipe)


@pytest.mark.usefixtures("configured")
def test_a_pipeline_killed_while_it_trains_leaves_no_process_and_goes_on_without_missing_data(
    absent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SGNN_DATA_MIRROR", "/nowhere")
    # with a server of its own, which must end too
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "flow_process.py"), "pipeline", absent],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 300
        while "sgnn.learning.process" not in " ".join(commands := list(commands_below(process))):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert "flows.server_process" in " ".join(commands)
        below = psutil.Process(process.pid).children(recursive=True)
    finally:
        process.kill()
        process.wait()
    _, alive = psutil.wait_procs(below, timeout=60)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]

    said = StringIO()
    result = run_pipeline(absent, settings=load_settings(), console=Console(file=said))
    # no data, no promotion: the gate looks at a figure that was not measured
    assert (result["simulated"], result["alias"]) == (0, "candidate")
    assert "gate 'some coverage'" in said.getvalue()
    (line,) = [line for line in said.getvalue().splitlines() if "left out" in line]
    assert "nobody/nothing" in line
    assert "SGNN_DATA_MIRROR" in line
    assert "nobody/nothing" in Path(result["report"]).read_text()
