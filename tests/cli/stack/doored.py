"""A stack whose object store and scheduler are reached through doors, runs on it, and what they leave."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.cli.stack.conftest import Live, home_of_a_stack
from tests.cli.stack.doors import Gate
from tests.corpus.store.proxy import Proxy

ROOT = Path(__file__).parents[3]
PATIENCE = 1200.0
"""Seconds in which whatever is waited for must come, on a machine that may be busy."""
RECIPE = """
name: {name}
extends: slow-walks
corpus: {{name: {name}}}
"""


def until(reached: Callable[[], bool], what: str, going: Callable[[], bool] = lambda: True) -> None:
    """Wait for something; it must come while `going`, and in time."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert going(), f"it ended before: {what}"
        assert time.monotonic() < deadline, f"not in {PATIENCE:.0f} s: {what}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Left:
    """What a run leaves: sha256 of each shard of the corpus, digest of its values, sha256 of the weights."""

    shards: dict[str, str]
    content: str
    weights: str


@dataclass
class Doored:
    """The stack, its doors, and what can be seen of it from behind."""

    live: Live
    objects: Proxy
    scheduler: Gate

    def service(self, name: str) -> dict[str, Any]:
        """What the supervisor knows of a service."""
        return self.live.services()[name]

    def well(self) -> None:
        """Wait until every service runs."""
        until(lambda: all(one["state"] == "runs" for one in self.live.services().values()), "all services are well")

    def files(self, pattern: str) -> set[Path]:
        """Objects that are there now."""
        return set((self.live.layout.objects / "sgnn").glob(pattern))

    def blocks(self, name: str) -> int:
        """How many blocks of a recipe's corpus are recorded."""
        return len(self.files(f"corpora/{name}-*/records/*.json"))

    def rows(self, database: str, query: str) -> list[tuple[Any, ...]]:
        """Rows of one of the databases."""
        port = int(self.service("postgres")["address"].rpartition(":")[2])
        password = (self.live.layout.secrets / f"postgres-{database}").read_text()
        with psycopg.connect(
            host="127.0.0.1", port=port, user=database, password=password, dbname=database
        ) as connection:
            return connection.execute(query).fetchall()

    def recipe(self, name: str) -> Path:
        """A file of the recipe under that name: the corpus has the draws, and the network the weights, of any other."""
        file = self.live.home / f"{name}.yaml"
        file.write_text(RECIPE.format(name=name))
        return file

    @contextmanager
    def running(self, recipe: Path) -> Iterator[subprocess.Popen[str]]:
        """The command at work; killed where it is left early."""
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

    def as_user(self, code: str, *arguments: str) -> None:
        """Run lines of Python with what a user of the stack has."""
        shown = {file.name: file.read_text() for file in self.live.layout.client.iterdir() if file.suffix == ""}
        path = os.pathsep.join([str(ROOT), self.live.environment["PYTHONPATH"]])
        subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env={
                **self.live.environment,
                **shown,
                "PYTHONPATH": path,
                "SGNN_SETTINGS": str(self.live.layout.settings),
                "PREFECT_API_URL": f"{self.service('prefect')['address']}/api",
            },
            check=True,
        )

    def left(self, released: dict[str, Any]) -> Left:
        """What a run has left, once it is made sure that no model is half there and no run is open."""
        name = released["model"]
        [(number,)] = self.rows("mlflow", f"SELECT version FROM model_versions WHERE name = '{name}'")
        assert number == released["version"]
        tags = dict(self.rows("mlflow", f"SELECT key, value FROM model_version_tags WHERE name = '{name}'"))
        # written last of all
        assert set(json.loads(tags["sgnn.results"])) == {"slow-steady"}
        aliases = self.rows("mlflow", f"SELECT alias, version FROM registered_model_aliases WHERE name = '{name}'")
        assert dict(aliases) == {"candidate": number, "champion": number}
        states = self.rows("mlflow", "SELECT DISTINCT status FROM runs")
        assert ("RUNNING",) not in states
        [weights] = self.files(f"mlflow/*/models/{tags['sgnn.model_id']}/artifacts/artifacts/model/model.safetensors")
        return Left(self.shards(name), tags["sgnn.corpus_content_digest"], sha256(weights))

    def shards(self, name: str) -> dict[str, str]:
        """sha256 of each shard of a corpus."""
        [corpus] = self.files(f"corpora/{name}-*")
        return {str(file.relative_to(corpus)): sha256(file) for file in corpus.glob("corpus.zarr/**/c/**/*")}


def sha256(file: Path) -> str:
    """Digest of a file; of a folder, nothing."""
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


@contextmanager
def stack_behind_doors(**changes: str) -> Iterator[Doored]:
    """The stack, up."""
    with home_of_a_stack(**changes) as live:
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
