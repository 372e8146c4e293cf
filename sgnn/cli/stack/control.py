"""What commands do with the stack: start its supervisor and wait, end it, ask it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sgnn.cli.stack.layout import Layout, layout_of
from sgnn.cli.stack.postgres import account, binaries
from sgnn.cli.stack.process import Identity, ended_within, remembered, start
from sgnn.cli.stack.services import stack_folder
from sgnn.cli.stack.supervisor import end_leftovers
from sgnn.errors import ServiceError
from sgnn.settings import Settings, as_environment, environment_name

UP_SECONDS = 300.0
DOWN_SECONDS = 30.0
CLIENTS = ("PREFECT_", "MLFLOW_", "AWS_", "DASK_", "SGNN_")
FOLLOWED = ("home", "workers", "workers_min", "served", "worker_memory", "worker_resources", "data_mirror", "webhook")
MODULES = {"psycopg": "psycopg", "flask_wtf": "flask-wtf", "nanio": "nanio", "cryptography": "cryptography"}


def running(layout: Layout) -> Identity | None:
    """The supervisor, while it lives."""
    return remembered(layout.root / "supervisor.json")


def up(settings: Settings, say: Callable[[str], None]) -> Layout:
    """Start what is not running, and wait until all services are well. Raises `ServiceError` where one is not."""
    layout = layout_of(settings)
    _must_be_installed()
    # told before anything is started
    account(), binaries()
    stack_folder(layout)
    if running(layout) is None:
        log = layout.log("supervisor")
        log.unlink(missing_ok=True)
        layout.state.unlink(missing_ok=True)
        environment = {**_bare_environment(), **_of_the_stack(settings)}
        process = start([sys.executable, "-m", "sgnn.cli.stack.supervisor"], environment, log, None)
        ended = process.poll
    else:
        ended = _never
    _wait(layout, ended, say)
    return layout


def down(settings: Settings) -> int:
    """End the stack; how many processes were left of a supervisor that was killed.

    Raises `ServiceError` where nothing ran.
    """
    layout = layout_of(settings)
    supervisor = running(layout)
    if supervisor is not None:
        supervisor.signal(signal.SIGTERM, group=False)
        if not ended_within([supervisor], DOWN_SECONDS):
            supervisor.signal(signal.SIGKILL, group=False)
    left = end_leftovers(layout, {"postgres": signal.SIGINT}) if layout.root.exists() else 0
    if supervisor is None and left == 0:
        raise ServiceError(f"no stack runs in {layout.root}", remedy="`sgnn stack up` starts one")
    layout.state.unlink(missing_ok=True)
    return left


def status(settings: Settings) -> dict[str, dict[str, Any]]:
    """What is known of each service, by its name; none where no stack runs."""
    layout = layout_of(settings)
    return read_state(layout) if running(layout) is not None else {}


def read_state(layout: Layout) -> dict[str, dict[str, Any]]:
    """The state file; empty where there is none yet."""
    try:
        found: dict[str, dict[str, Any]] = json.loads(layout.state.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def last_lines(file: Path, number: int) -> list[str]:
    """The end of a log. Raises `ServiceError` where there is none."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()[-number:]
    except FileNotFoundError as error:
        known = ", ".join(sorted(one.stem for one in file.parent.glob("*.log"))) or "none"
        raise ServiceError(f"there is no log {file}", remedy=f"logs are there of: {known}") from error


def _bare_environment() -> dict[str, str]:
    """This process's own, without what points its clients to services, which may be those of this very stack."""
    return {name: value for name, value in os.environ.items() if not name.startswith(CLIENTS)}


def _of_the_stack(settings: Settings) -> dict[str, str]:
    """Variables of the settings that the stack itself follows."""
    written = as_environment(settings)
    names = [environment_name(field) for field in FOLLOWED]
    return {name: written[name] for name in names if name in written}


def _wait(layout: Layout, ended: Callable[[], int | None], say: Callable[[str], None]) -> None:
    deadline, told = time.monotonic() + UP_SECONDS, set[str]()
    while time.monotonic() < deadline:
        state = read_state(layout)
        for name, one in state.items():
            if one["state"] == "runs" and name not in told:
                told.add(name)
                say(f"{name:<10} {one['address']}   after {one['seconds']:.1f} s")
        if state and len(told) == len(state):
            return
        if ended() is not None:
            raise ServiceError(
                f"the stack did not start: {_reason(layout, state)}", remedy=f"see {layout.log('x').parent}"
            )
        time.sleep(0.1)
    waiting = ", ".join(name for name in read_state(layout) if name not in told)
    raise ServiceError(f"not well after {UP_SECONDS:.0f} s: {waiting}", remedy=f"see {layout.log('x').parent}")


def _reason(layout: Layout, state: Mapping[str, Mapping[str, Any]]) -> str:
    """Which service ended and what it said last; or what the supervisor itself said."""
    for name, one in state.items():
        if one["state"] == "failed":
            return f"{name} {one['reason']}: {' '.join(last_lines(layout.log(name), 1))}"
    return " ".join(last_lines(layout.log("supervisor"), 1)).removeprefix("error: ")


def _never() -> int | None:
    return None


def _must_be_installed() -> None:
    from importlib.util import find_spec

    missing = [package for module, package in MODULES.items() if find_spec(module) is None]
    if missing:
        raise ServiceError(f"the stack needs {', '.join(missing)}", remedy="install sgnn[stack]")
    if os.name != "posix":
        raise ServiceError("the stack runs on Linux and macOS", remedy="use docker-compose.yml")
