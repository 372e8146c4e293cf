"""A corpus build in a process group of its own, watched from outside and killed when it has made some blocks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sgnn.corpus.digest import corpus_key
from sgnn.corpus.ledger import known_layout, record_of
from sgnn.corpus.recipe import load_recipe
from sgnn.corpus.record import RECORDS
from sgnn.corpus.store import CorpusStore, corpus_store
from sgnn.errors import ServiceError
from sgnn.settings import Settings, as_environment

LOOK_SECONDS = 0.01
LONGEST_SECONDS = 300.0
"""A build that made nothing new for so long is stuck."""
SERVER, WORKERS = "Prefect ", "Dask dashboard "
"""How the lines begin that a build says when it has them."""


@dataclass(frozen=True)
class Restart:
    """What passed until a build made something new, s from the start of its command."""

    server: float
    """Until the Prefect server answered."""
    workers: float
    """Until there were workers, and what is missing was known."""
    seconds: float
    """Until the first record of a block that was not there before."""
    block: float
    """What that block itself took its worker."""


@dataclass(frozen=True)
class Build:
    """A recipe's corpus, built by the command that everybody uses."""

    recipe: str
    settings: Settings

    @cached_property
    def store(self) -> CorpusStore:
        """Where its blocks are."""
        section = load_recipe(self.recipe).corpus
        return corpus_store(self.settings.store_url, section.name, corpus_key(section))

    @property
    def log(self) -> Path:
        """File of what it says."""
        return self.settings.home / "killed.log"

    def forget(self) -> None:
        """Remove all that was built."""
        self.store.remove_all("")

    def until_killed(self, blocks: int) -> Restart:
        """Start it, and kill it with its whole process group when it has recorded so many blocks more.

        Raises `ServiceError` where it ends by itself before, or makes nothing for minutes.
        """
        before, began = self._records(), time.monotonic()
        moments: dict[str, float] = {}
        with self._started() as process:
            while len(new := self._records() - before) < blocks:
                passed = time.monotonic() - began
                said = self.log.read_text(encoding="utf-8", errors="replace")
                for line in (SERVER, WORKERS):
                    if line in said:
                        moments.setdefault(line, passed)
                if new:
                    moments.setdefault("first", passed)
                    moments.setdefault("block", self._block_seconds(new))
                if process.poll() is not None or passed > LONGEST_SECONDS:
                    raise ServiceError(f"the build made {len(new)} of {blocks} blocks", remedy=f"see {self.log}")
                time.sleep(LOOK_SECONDS)
        return Restart(moments[SERVER], moments[WORKERS], moments["first"], moments["block"])

    def _records(self) -> frozenset[str]:
        return frozenset(name for name in self.store.names(RECORDS) if name.endswith(".json"))

    def _block_seconds(self, new: frozenset[str]) -> float:
        record = record_of(self.store, known_layout(self.store), int(min(new).partition(".")[0]))
        assert record is not None
        return record.seconds

    @contextmanager
    def _started(self) -> Iterator[subprocess.Popen[bytes]]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "sgnn.cli", "corpus", "build", self.recipe],
                env=os.environ | as_environment(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
