"""This process as a client of the Prefect server: where the server is, and how much of Prefect's talk is shown."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from flows.server import QUIET_ENVIRONMENT, Server, prefect_server
from flows.silent_runs import HEARTBEAT
from flows.surroundings import Surroundings, within
from flows.terminal import Terminal
from flows.workers import workers_ahead

if TYPE_CHECKING:
    from sgnn.corpus.recipe import CorpusSection
    from sgnn.settings import Settings
    from sgnn.tracking.connection import Tracking

FLUSH_SECONDS = 5.0
"""Given to what Prefect still has to send when a flow has ended."""


@contextmanager
def connected(settings: Settings, terminal: Terminal, wanted: CorpusSection | None = None) -> Iterator[Surroundings]:
    """Flows inside the block run against the configured Prefect server, or one that lives as long as the block.

    `wanted`: a corpus that they will build, so that its workers are there when the server is.
    """
    with prefect_server(settings) as server, _environment(_client_environment(settings, server)):
        # the server takes seconds to start: what is slow to import is imported meanwhile
        with _no_garbage():
            _quiet_prefect()
            tracking = _open_tracking(settings)
        with workers_ahead(wanted, settings) as cluster:
            if wanted is not None:
                import flows.corpus  # noqa: F401
            server.wait()
            terminal.say(f"Prefect   {server.address}")
            around = Surroundings(settings, terminal, tracking, cluster=cluster)
            try:
                with _settings(settings, server), within(around):
                    yield around
            finally:
                _send_the_rest()


def _client_environment(settings: Settings, server: Server) -> dict[str, str]:
    """Variables that Prefect reads when it is imported, and that child processes inherit."""
    values = QUIET_ENVIRONMENT | {
        "PREFECT_API_URL": server.api_url,
        "PREFECT_LOCAL_STORAGE_PATH": str(settings.prefect_folder / "storage"),
        # whatever loses sight of the server must fail, not start one of its own
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        # its handler on the root logger would print what any library says
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "DEBUG" if _debugging() else "WARNING",
    }
    if server.process is None:
        # a server that stays must hear of a run that is killed
        values |= HEARTBEAT
    else:
        values["PREFECT_HOME"] = str(settings.prefect_folder)
        values["PREFECT_PROFILES_PATH"] = str(settings.prefect_folder / "profiles.toml")
    return values


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Imports leave none, and looking for it takes a tenth of their time."""
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()


def _quiet_prefect() -> None:
    """Import Prefect; what flows and tasks say goes to the page alone, but for `SGNN_DEBUG`."""
    import prefect  # noqa: F401

    if not _debugging():
        for name in ("prefect.flow_runs", "prefect.task_runs"):
            logging.getLogger(name).propagate = False


def _debugging() -> bool:
    return os.environ.get("SGNN_DEBUG", "") not in ("", "0")


def _open_tracking(settings: Settings) -> Tracking:
    from sgnn.tracking.connection import open_tracking

    return open_tracking(settings)


@contextmanager
def _settings(settings: Settings, server: Server) -> Iterator[None]:
    """Prefect's settings, where it was imported before with others: it takes its time to change them."""
    from prefect import settings as known

    values = {
        known.PREFECT_API_URL: server.api_url,
        known.PREFECT_LOCAL_STORAGE_PATH: settings.prefect_folder / "storage",
        known.PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
    }
    other = {setting: value for setting, value in values.items() if setting.value() != value}
    with known.temporary_settings(other) if other else nullcontext():
        yield


def _send_the_rest() -> None:
    """Wait for events and log lines on their way: task runs are known to the server by their events alone."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    EventsWorker.drain_all(timeout=FLUSH_SECONDS)
    APILogWorker.drain_all(timeout=FLUSH_SECONDS)
