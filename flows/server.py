"""The local Prefect server that the program starts where none is configured, and ends when it ends itself.

The server is a process of its own, never Prefect's in-process API: that one locks its database under a cluster. The
listening socket is opened here and handed over, so the port is known and taken before the slow start has begun, and
the first request simply waits in the socket's queue until the server answers.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sgnn.errors import ServiceError
from sgnn.settings import Settings

HOST = "127.0.0.1"
USUAL_PORT = 4200
START_SECONDS = 240.0
STOP_SECONDS = 4.0

QUIET_ENVIRONMENT = {
    "DO_NOT_TRACK": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
"""No telemetry and no promotion in any Prefect process that we start."""


@dataclass(frozen=True)
class Server:
    """A Prefect server: one of ours (with a process) or one that was running already."""

    address: str
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False, compare=False)
    log: Path | None = None

    @property
    def api_url(self) -> str:
        """Address of the API, as in `PREFECT_API_URL`."""
        return f"{self.address}/api"

    def wait(self) -> Server:
        """This server, once it answers. Raises `ServiceError` when it does not."""
        try:
            _ask_health(self.api_url, START_SECONDS)
        except OSError as error:
            self.stop()
            if self.log is None:
                remedy = "start it, or unset PREFECT_API_URL to have one started"
                raise ServiceError(f"no Prefect server answers at {self.api_url}: {error}", remedy=remedy) from error
            raise ServiceError(
                f"the Prefect server did not start: {_reason(self.log)}", remedy=f"see {self.log}"
            ) from error
        return self

    def stop(self) -> None:
        """End the server's whole process group, if it is ours; harmless when it has ended."""
        if self.process is None or self.process.stdin is None:
            return
        # the server ends by itself, in order, when its lifeline closes
        self.process.stdin.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def prefect_server(settings: Settings) -> Iterator[Server]:
    """The configured server, or a local one for as long as the block runs; not yet waited for, see `Server.wait`."""
    server = start_prefect_server(settings)
    try:
        yield server
    finally:
        server.stop()


def start_prefect_server(settings: Settings, port: int | None = None) -> Server:
    """Start a server over `settings.prefect_folder`, or name the one that `PREFECT_API_URL` configures.

    Returns at once: `wait()` says when it answers. `port`: the one wanted; without, the usual one or any free one.
    Raises `ServiceError` where the wanted port is taken.
    """
    if settings.prefect_api_url:
        return Server(settings.prefect_api_url.rstrip("/").removesuffix("/api"))
    folder = settings.prefect_folder
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    with _listen(port) as listener, log.open("wb") as output:
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.server_process", str(listener.fileno()), str(folder)],
            env=_environment(folder, f"{address}/api"),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno()],
            # a Ctrl-C is for the flow: the server must live to hear how it ended
            start_new_session=True,
        )
    return Server(address, process, log)


def _environment(folder: Path, api_url: str) -> dict[str, str]:
    """The server's environment: what Prefect finds configured otherwise is left out."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return (
        ours
        | QUIET_ENVIRONMENT
        | {
            "PREFECT_HOME": str(folder),
            "PREFECT_PROFILES_PATH": str(folder / "profiles.toml"),
            "PREFECT_API_URL": api_url,
            "PREFECT_UI_API_URL": api_url,
            "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
            # blocks (credentials, notifications) are used by no flow, and looking for them takes a third of the start
            "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
            "PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
        }
    )


def _listen(port: int | None) -> socket.socket:
    """A listening socket on the wanted port; with none wanted, on the usual one or else on any free one."""
    for candidate in (USUAL_PORT, 0) if port is None else (port,):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
            listener.listen(128)
        except OSError:
            listener.close()
        else:
            return listener
    raise ServiceError(
        f"port {port} of {HOST} is taken, the Prefect server cannot use it",
        remedy="choose another port, or stop the program that listens there",
    )


def _ask_health(api_url: str, timeout: float) -> None:
    """Ask the server for its health. Raises `OSError` where it does not answer in time."""
    # proxies are for the world outside
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{api_url}/health")
    token = os.environ.get("PREFECT_API_KEY")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with opener.open(request, timeout=timeout):
            return
    except urllib.error.HTTPError as error:
        raise OSError(f"answer {error.code} {error.reason}") from error
    except ValueError as error:
        raise OSError(str(error)) from error


def _reason(log: Path) -> str:
    """The last line that names an error, or else the last line: what a traceback ends with is not always its reason."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b.*:", line)]
    return next(reversed(errors or lines), "it said nothing")
