"""A running stack for the tests of this folder: real servers, started once, for that takes half a minute."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sgnn.cli.stack.layout import Layout
from sgnn.cli.stack.ports import USUAL, any_free_port
from sgnn.cli.stack.postgres import binaries
from sgnn.errors import ServiceError

TOY = Path(__file__).parents[2] / "flows" / "toy"


@dataclass(frozen=True)
class Live:
    """A stack in a home folder of its own, and the command line of somebody who uses it."""

    home: Path
    environment: Mapping[str, str]

    @property
    def layout(self) -> Layout:
        """Where it keeps things."""
        return Layout(self.home / "stack")

    def sgnn(self, *arguments: str, status: int = 0, user: bool = True, **changes: str) -> str:
        """Run a command that must end with that status; gives standard output, or the error line."""
        environment = {**self.environment, **changes}
        if user:
            environment["SGNN_SETTINGS"] = str(self.layout.settings)
        done = subprocess.run(
            [sys.executable, "-m", "sgnn.cli", *arguments],
            env=environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == status, f"{done.stdout}\n{done.stderr}"
        return done.stdout if status == 0 else done.stderr

    def json(self, *arguments: str, user: bool = True) -> dict[str, Any]:
        """The object that a command prints."""
        document = json.loads(self.sgnn(*arguments, "--json", user=user))
        assert isinstance(document, dict)
        return document

    def services(self) -> dict[str, dict[str, Any]]:
        """State of each service."""
        services: dict[str, dict[str, Any]] = json.loads(self.layout.state.read_text())
        return services

    def secret(self, name: str) -> str:
        """What a user has to show."""
        return (self.layout.client / name).read_text()


def forecast(address: str, model: str) -> bytes:
    """What the API at an address says of a series."""
    dates = [(date(2026, 1, 3) + timedelta(weeks=week)).isoformat() for week in range(30)]
    series = [{"name": "a", "dates": dates, "values": [100 + week * week % 37 for week in range(30)]}]
    body = json.dumps({"series": series, "horizon": 4}).encode()
    request = urllib.request.Request(
        f"{address}/v1/models/{model}/forecast", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        said: bytes = answer.read()
    return said


@contextmanager
def home_of_a_stack(**changes: str) -> Iterator[Live]:
    """A home folder that PostgreSQL's own user may enter, with ports of its own; whatever runs there ends with it."""
    try:
        binaries()
    except ServiceError as error:
        # where all checks are made it is there; a reader's machine need not have it
        (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
    # pytest's folders are closed to others
    root = Path(tempfile.mkdtemp(prefix="sgnn-stack-"))
    root.chmod(0o755)
    home = root / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SGNN_", "AWS_", "PREFECT_"))}
    environment = {
        **kept,
        "PYTHONPATH": str(TOY),
        "SGNN_HOME": str(home),
        "SGNN_WORKERS": "1",
        "SGNN_DATA_MIRROR": str(root / "no-data"),
        **changes,
    }
    stack = Live(home, environment)
    # the usual ports may be taken by other tests while it is down
    stack.layout.ports.parent.mkdir()
    stack.layout.ports.write_text(json.dumps({name: any_free_port() for name in USUAL}))
    try:
        yield stack
    finally:
        # whatever a test left behind
        subprocess.run([sys.executable, "-m", "sgnn.cli", "stack", "down"], env=environment, capture_output=True)
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """The stack, up, with the API of the model that a run of the toy recipe registers."""
    with home_of_a_stack(SGNN_SERVED="slow-walks-tiny") as stack:
        stack.sgnn("stack", "up", user=False)
        yield stack
