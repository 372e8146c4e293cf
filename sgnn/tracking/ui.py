"""The MLflow page over what earlier runs left, as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from sgnn.errors import ServiceError
from sgnn.settings import Settings
from sgnn.tracking.connection import QUIET, database_file, open_tracking, tracking_uri

__all__ = ["MlflowPage", "start_mlflow_ui"]

HOST = "127.0.0.1"
START_SECONDS = 90.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class MlflowPage:
    """A page at an address; its server is None where someone else runs it."""

    address: str
    server: subprocess.Popen[bytes] | None
    log: Path | None = None

    def stop(self) -> None:
        """End the server and all its workers; doing it twice does no harm."""
        if self.server is None or self.server.poll() is not None:
            return
        for kind in (signal.SIGTERM, signal.SIGKILL):
            try:
                # the server is the leader of its group, so that no worker outlives it
                os.killpg(self.server.pid, kind)
                self.server.wait(STOP_SECONDS)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue
            return

    def __enter__(self) -> MlflowPage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_mlflow_ui(settings: Settings, port: int = 0) -> MlflowPage:
    """Serve the page on this machine alone, at a free port where 0 is asked; returns when it answers.

    Where the settings name a server, that one's address is returned and nothing is started. Raises `ServiceError` where
    the port is taken or the server does not come up.
    """
    uri = tracking_uri(settings)
    if database_file(uri) is None and uri.startswith(("http://", "https://")):
        return MlflowPage(uri, None)
    chosen = _free_port(port)
    # tables and experiment are made here, where errors are told in one line
    open_tracking(settings)
    log = settings.home / "logs" / "mlflow.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        server = subprocess.Popen(
            _command(settings, uri, chosen),
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    page = MlflowPage(f"http://{HOST}:{chosen}", server, log)
    try:
        _await_health(page)
    except BaseException:
        page.stop()
        raise
    return page


def _command(settings: Settings, uri: str, port: int) -> list[str]:
    files = str(settings.artifacts_folder)
    return [
        *(sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", uri, "--artifacts-destination", files, "--default-artifact-root", files),
    ]


def _await_health(page: MlflowPage) -> None:
    assert page.server is not None
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if page.server.poll() is not None:
            raise ServiceError(
                f"the MLflow server ended at its start: {_last_line(page.log)}", remedy=f"see {page.log}"
            )
        try:
            with urllib.request.urlopen(f"{page.address}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise ServiceError(f"the MLflow server does not answer at {page.address}", remedy=f"see {page.log}")


def _free_port(asked: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, asked))
        except OSError as error:
            raise ServiceError(
                f"port {asked} is taken ({error.strerror})", remedy="choose another, or 0 for a free one"
            ) from error
        return int(probe.getsockname()[1])


def _last_line(log: Path | None) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log is not None else []
    return lines[-1] if lines else "no output"
