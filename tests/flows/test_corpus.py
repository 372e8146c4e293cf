"""The corpus flow, with a real Prefect server, two Dask worker processes, MLflow on SQLite and Zarr on disk."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import psutil
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.concurrency.sync import concurrency
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelling
from rich.console import Console

from flows.corpus import Built, batches, corpus
from flows.run import build_corpus, grow_corpus
from flows.server import Server
from sgnn.corpus.block import make_block
from sgnn.corpus.build import prepare
from sgnn.corpus.cluster import Ahead, Cluster, open_cluster
from sgnn.corpus.plan import plan_blocks
from sgnn.corpus.reader import open_corpus
from sgnn.corpus.recipe import load_recipe
from sgnn.errors import RecipeError, ServiceError, StoreError
from sgnn.settings import Settings, load_settings

Start = Callable[[float], subprocess.Popen[str]]

# whole flows with all their processes, on a machine that may be busy
pytestmark = pytest.mark.timeout(900)

RECIPE = "slow-walks"
TOY = Path(__file__).parent / "toy"
DRAWS, BLOCK, WORKERS = 256, 16, 2


def build(settings: Settings, recipe: str = RECIPE) -> tuple[Built, str]:
    said = StringIO()
    built = build_corpus(recipe, settings=settings, console=Console(file=said))
    return built, said.getvalue()


def records(settings: Settings) -> int:
    return len(list(settings.corpora_folder.glob("*/records/*.json")))


def wait_until(condition: Callable[[], bool], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.Error):
            if "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


def all_end(processes: Iterable[psutil.Process], seconds: float) -> bool:
    _, alive = psutil.wait_procs(list(processes), timeout=seconds)
    return not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def file_digests(settings: Settings) -> dict[str, str]:
    """Digest of every file of the data, without what says when and where it was made."""
    (group,) = settings.corpora_folder.glob("*/*.zarr")
    shards = [file for file in group.rglob("c.*") if file.is_file()]
    return {str(file.relative_to(group)): hashlib.sha256(file.read_bytes()).hexdigest() for file in shards}


def flow_runs(server: Server, name: str) -> list[FlowRun]:
    with temporary_settings({PREFECT_API_URL: server.api_url}), get_client(sync_client=True) as client:
        return client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate({"name": {"any_": [name]}}))


@dataclass(frozen=True)
class Once:
    """A corpus that one build made which nobody disturbed."""

    settings: Settings
    built: Built
    said: str
    files: dict[str, str]


@pytest.fixture(scope="module")
def once(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """The corpus of the recipe, built in one go."""
    settings = load_settings(home=tmp_path_factory.mktemp("once"), prefect_api_url=server.api_url, workers=WORKERS)
    built, said = build(settings)
    return Once(settings, built, said, file_digests(settings))


@pytest.fixture
def start(configured: Settings) -> Iterator[Start]:
    """Starts processes that build the corpus in a fresh home, each draw taking so many seconds."""
    started: list[subprocess.Popen[str]] = []

    def begin(seconds: float) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "flow_process.py"), "corpus", RECIPE],
            env=os.environ | {"SLOW_WALKS_SECONDS": str(seconds), "SGNN_HOME": str(configured.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        out, err = process.communicate()
        print(out, err)


def test_a_corpus_is_simulated_once_and_found_afterwards(once: Once) -> None:
    built = once.built
    assert (built.simulated, built.status.asked, built.status.version) == (DRAWS, DRAWS, 1)
    assert built.status.ok + built.status.failed == DRAWS
    assert built.status.failed > 0
    assert "256 simulated" in once.said

    again, said = build(once.settings)
    assert again.simulated == 0
    assert again.status == built.status
    assert "nothing simulated" in said
    assert "Dask" not in said


def test_the_prefect_page_shows_counts_digest_and_place_of_the_corpus(once: Once) -> None:
    built = once.built
    with temporary_settings({PREFECT_API_URL: once.settings.prefect_api_url}), get_client(sync_client=True) as client:
        artifacts = [one for one in client.read_artifacts(limit=200) if one.key == "corpus-slow-walks"]
    told = (built.status.recipe_digest, str(built.status.content_digest), built.url, "| asked | 256 |")
    assert any(all(one in str(artifact.data) for one in told) for artifact in artifacts)


def test_a_flow_that_a_prefect_worker_runs_finds_its_settings_in_the_environment(
    once: Once, services: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**services, "SGNN_HOME": str(once.settings.home)}.items():
        monkeypatch.setenv(name, value)
    with temporary_settings({PREFECT_API_URL: services["PREFECT_API_URL"]}):
        # parameters as a deployment gives them
        state = corpus(**json.loads('{"recipe": "slow-walks", "tiny": false}'), return_state=True)
    assert state.is_completed()
    assert state.result().status == once.built.status


def test_a_larger_corpus_simulates_only_the_draws_it_lacks(once: Once) -> None:
    grown = build_corpus(RECIPE, settings=once.settings, console=Console(file=StringIO()), draws=DRAWS + 2 * BLOCK)
    assert grown.simulated == 2 * BLOCK
    assert grown.status.version == 2


def test_a_corpus_grows_through_a_flow_by_the_recipe_that_it_keeps(once: Once) -> None:
    before = file_digests(once.settings)
    wanted = open_corpus("slow-walks", once.settings).number + BLOCK
    grown = grow_corpus("slow-walks", wanted, settings=once.settings, console=Console(file=StringIO()))
    assert (grown.simulated, grown.status.asked) == (BLOCK, wanted)
    assert before.items() < file_digests(once.settings).items()
    with pytest.raises(StoreError, match="cannot shrink to 16"):
        grow_corpus("slow-walks", BLOCK, settings=once.settings, console=Console(file=StringIO()))


def test_a_recipe_that_cannot_be_simulated_fails_at_once_and_writes_no_corpus(configured: Settings) -> None:
    recipe = Path("broken.yaml")
    recipe.write_text((TOY / "slow_walks" / "slow-walks.yaml").read_text().replace("fails_above", "fails_over"))
    began = time.monotonic()
    with pytest.raises(RecipeError, match="fails_over"):
        build(configured, str(recipe))
    # a fault that people must mend is not tried again
    assert time.monotonic() - began < 15
    assert not list(configured.corpora_folder.glob("*"))


def test_a_lost_cluster_is_replaced_and_what_it_made_is_kept(
    configured: Settings, once: Once, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    @contextmanager
    def lost_at_first(settings: Settings, ahead: Ahead | None) -> Iterator[Cluster]:
        opened.append(records(settings))
        with open_cluster(settings, ahead) as cluster:
            if len(opened) == 1:
                plan = prepare(load_recipe(RECIPE), settings)
                for block in plan.missing[:3]:
                    make_block(plan.to_json(), block)
                raise ServiceError("the Dask scheduler is gone")
            yield cluster

    monkeypatch.setattr("flows.corpus.open_cluster", lost_at_first)
    built, _ = build(configured)
    assert opened == [0, 3]
    assert built.simulated == DRAWS - 3 * BLOCK
    assert file_digests(configured) == once.files


def test_a_killed_flow_leaves_no_process_and_goes_on_where_it_was(
    configured: Settings, start: Start, once: Once
) -> None:
    process = start(0.03)
    moment = random.randint(1, 8)
    wait_until(lambda: records(configured) >= moment)
    below = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert all_end(below, 30)

    made = records(configured)
    built, _ = build(configured)
    assert built.simulated == DRAWS - made * BLOCK
    assert file_digests(configured) == once.files


@pytest.mark.parametrize("told", [signal.SIGKILL, signal.SIGTERM])
def test_a_flow_that_ends_while_its_workers_start_leaves_no_process(
    configured: Settings, start: Start, told: signal.Signals
) -> None:
    process = start(0.03)
    wait_until(lambda: bool(workers_of(process)))
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(told)
    process.communicate(timeout=60)
    assert process.returncode == (-told if told == signal.SIGKILL else 143)
    assert all_end(below, 30)
    assert not records(configured)


@pytest.mark.long
def test_a_killed_worker_costs_its_block_alone(configured: Settings, start: Start, once: Once) -> None:
    process = start(0.03)
    moment = random.randint(1, 8)
    wait_until(lambda: records(configured) >= moment)
    random.choice(workers_of(process)).kill()
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert json.loads(out)["simulated"] == DRAWS
    assert file_digests(configured) == once.files


def test_a_flow_that_is_told_to_end_stops_the_cluster_and_the_page_says_cancelled(
    configured: Settings, start: Start, server: Server
) -> None:
    known = {run.id for run in flow_runs(server, f"corpus {RECIPE}")}
    process = start(0.2)
    wait_until(lambda: records(configured) >= 1)
    below = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=180)
    assert process.returncode == 143, err
    assert all_end(below, 30)
    (run,) = [run for run in flow_runs(server, f"corpus {RECIPE}") if run.id not in known]
    assert run.state_name == "Cancelled"


def test_a_flow_that_is_cancelled_on_the_page_is_interrupted_and_stops_the_cluster(
    configured: Settings, start: Start, server: Server
) -> None:
    known = {run.id for run in flow_runs(server, f"corpus {RECIPE}")}
    process = start(0.2)
    wait_until(lambda: records(configured) >= 1)
    below = psutil.Process(process.pid).children(recursive=True)
    (run,) = [run for run in flow_runs(server, f"corpus {RECIPE}") if run.id not in known]
    with temporary_settings({PREFECT_API_URL: server.api_url}), get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, Cancelling())
    _, err = process.communicate(timeout=180)
    assert process.returncode == 130, err
    assert all_end(below, 30)
    (run,) = [one for one in flow_runs(server, f"corpus {RECIPE}") if one.id == run.id]
    assert run.state_name == "Cancelled"


def test_batches_hold_every_block_once_and_in_order() -> None:
    blocks = plan_blocks(100, 7)
    assert [block for batch in batches(blocks, 4) for block in batch] == list(blocks)
    assert [len(batch) for batch in batches(blocks, 4)] == [4, 4, 4, 3]


def test_a_concurrency_limit_of_the_server_makes_a_flow_wait_for_its_turn(once: Once, server: Server) -> None:
    limited = temporary_settings({PREFECT_API_URL: server.api_url})
    with limited, get_client(sync_client=True) as client:
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name="sgnn-corpus", limit=1))
        try:
            with ThreadPoolExecutor(1) as pool:
                with concurrency("sgnn-corpus"):
                    waiting = pool.submit(build, once.settings)
                    with pytest.raises(TimeoutError):
                        waiting.result(timeout=4)
                assert waiting.result(timeout=180)[0].simulated == 0
        finally:
            client.delete_global_concurrency_limit_by_name("sgnn-corpus")
