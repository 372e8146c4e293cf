"""The process that keeps the stack running: starts services in order, starts again what dies, ends all when asked.

`python -m sgnn.cli.stack.supervisor`, with the settings in its environment; `sgnn stack up` starts it. What it knows of
each service it writes into the state file, for those who ask.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from types import FrameType

from sgnn.cli.stack import postgres
from sgnn.cli.stack.certificates import ensure_certificates
from sgnn.cli.stack.keys import ensure_keys
from sgnn.cli.stack.layout import Layout, layout_of
from sgnn.cli.stack.ports import USUAL, choose_ports
from sgnn.cli.stack.process import Identity, ended_within, identity_of, remember, remembered, start
from sgnn.cli.stack.service import Service
from sgnn.cli.stack.services import QUIET, Stack, stack_folder
from sgnn.errors import SgnnError
from sgnn.files import write_whole
from sgnn.lock import take
from sgnn.settings import Settings, load_settings

LOOK_SECONDS = 0.2
PROBE_SECONDS = 0.5
FIRST_TRIES = 3
"""Times that a service may end before it ever was well; then the stack is given up."""
START_SECONDS = 240.0
"""In which a service must be well after its start."""
PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Before a service that died is started again, by how often it died."""
STEADY_SECONDS = 60.0
"""After so long its deaths are forgotten."""
STOP_SECONDS = 4.0


@dataclass
class Told:
    """What is known of a service."""

    state: str = "waits"
    """waits, starts, runs, or failed."""
    address: str = ""
    pid: int = 0
    restarts: int = 0
    seconds: float = 0.0
    """From its start until it was well."""
    reason: str = ""


class Keeper:
    """One service over time."""

    def __init__(self, service: Service, layout: Layout, clock: Callable[[], float] = time.monotonic) -> None:
        self.service, self.layout, self.clock = service, layout, clock
        self.told = Told(address=service.address)
        self.process: subprocess.Popen[bytes] | None = None
        self.identity: Identity | None = None
        self.ever_well = False
        self.deaths = 0
        self.due = 0.0
        self.began = 0.0
        self.asked = 0.0

    @property
    def well(self) -> bool:
        """Whether it runs."""
        return self.told.state == "runs"

    def look(self, ready: bool) -> None:
        """One look: start it where it is due, notice its death, ask for its health. `ready`: what it needs is well."""
        now = self.clock()
        if self.process is not None and self.process.poll() is not None:
            self._died(now)
        elif self.process is None and self.told.state != "failed" and ready and now >= self.due:
            self._start(now)
        elif self.process is not None and not self.well and now - self.asked >= PROBE_SECONDS:
            self._ask(now)
        elif self.well and self.deaths and now - self.began > STEADY_SECONDS:
            self.deaths = 0

    def end(self, kind: signal.Signals) -> None:
        """Send the signal that ends it."""
        if self.identity is not None:
            whole = self.service.whole_group or kind is signal.SIGKILL
            self.identity.signal(kind, group=whole)

    def _start(self, now: float) -> None:
        service = self.service
        self.began = self.asked = now
        self.process = start(
            service.command,
            {**os.environ, **QUIET, **service.environment},
            self.layout.log(service.name),
            service.account,
        )
        self.identity = identity_of(self.process.pid)
        if self.identity is not None:
            remember(self.identity, self.layout.pid(service.name))
        self.told.state, self.told.pid = "starts", self.process.pid

    def _ask(self, now: float) -> None:
        self.asked = now
        try:
            well = self.service.healthy()
        except (OSError, ValueError):
            well = False
        if well:
            if not self.ever_well and self.service.once_healthy is not None:
                self.service.once_healthy()
            self.ever_well = True
            self.told.state, self.told.seconds = "runs", round(now - self.began, 1)
        elif now - self.began > START_SECONDS:
            # it will be seen as dead, and started again
            self.end(signal.SIGKILL)

    def _died(self, now: float) -> None:
        assert self.process is not None
        self.told.reason = f"ended with status {self.process.returncode}"
        # what it started itself may have outlived it
        self._end_group()
        self.process, self.told.pid = None, 0
        self.deaths += 1
        self.told.restarts += 1
        self.due = now + PAUSES[min(self.deaths, len(PAUSES)) - 1]
        given_up = not self.ever_well and self.deaths >= FIRST_TRIES
        self.told.state = "failed" if given_up else "waits"

    def _end_group(self) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Supervisor:
    """All services together."""

    def __init__(self, services: Sequence[Service], layout: Layout) -> None:
        self.keepers = {service.name: Keeper(service, layout) for service in services}
        self.layout = layout
        self.asked_to_end = threading.Event()
        self.said = ""

    def run(self) -> int:
        """Until asked to end; the status is 1 where a service could not be started at all."""
        while not self.asked_to_end.wait(LOOK_SECONDS):
            for keeper in self.keepers.values():
                keeper.look(all(self.keepers[name].well for name in keeper.service.after))
            self.say()
            if any(keeper.told.state == "failed" for keeper in self.keepers.values()):
                self.stop()
                return 1
        self.stop()
        return 0

    def say(self) -> None:
        """Write down what is known, where it has changed."""
        text = json.dumps({name: asdict(keeper.told) for name, keeper in self.keepers.items()}, indent=1)
        if text != self.said:
            write_whole(self.layout.state, text)
            self.said = text

    def stop(self) -> None:
        """End all services, those first that need others; what does not end in time is killed."""
        for group in stop_order([keeper.service for keeper in self.keepers.values()]):
            keepers = [self.keepers[name] for name in group]
            for keeper in keepers:
                keeper.end(keeper.service.stop_signal)
            identities = [keeper.identity for keeper in keepers if keeper.identity is not None]
            if not ended_within(identities, STOP_SECONDS):
                for keeper in keepers:
                    keeper.end(signal.SIGKILL)
            for keeper in keepers:
                if keeper.process is not None:
                    keeper.process.wait()
                    keeper._end_group()
                self.layout.pid(keeper.service.name).unlink(missing_ok=True)


def stop_order(services: Sequence[Service]) -> list[list[str]]:
    """Names in groups that are ended together: nobody before those that need it."""
    needed = {service.name: set(service.after) for service in services}
    depth: dict[str, int] = {}

    def deep(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((deep(one) for one in needed[name]), default=0)
        return depth[name]

    groups: dict[int, list[str]] = {}
    for service in services:
        groups.setdefault(deep(service.name), []).append(service.name)
    return [groups[level] for level in sorted(groups, reverse=True)]


def end_leftovers(layout: Layout, kinds: Mapping[str, signal.Signals] | None = None) -> int:
    """End processes of a supervisor that was killed; how many there were. `kinds`: signals other than SIGTERM."""
    found = {file.stem: remembered(file) for file in sorted(layout.pid("x").parent.glob("*.json"))}
    left = {name: identity for name, identity in found.items() if identity is not None}
    for name, identity in left.items():
        kind = (kinds or {}).get(name, signal.SIGTERM)
        identity.signal(kind, group=name != "postgres")
    if not ended_within(list(left.values()), STOP_SECONDS):
        for identity in left.values():
            identity.signal(signal.SIGKILL, group=True)
        ended_within(list(left.values()), STOP_SECONDS)
    for file in layout.pid("x").parent.glob("*.json"):
        file.unlink(missing_ok=True)
    return len(left)


def prepared(settings: Settings, layout: Layout) -> Stack:
    """Everything that services find when they start: ports, keys, certificates, databases' folder, settings file."""
    wanted = [name for name in USUAL if name != "serve" or settings.served]
    ports, keys = choose_ports(layout.ports, wanted), ensure_keys(layout)
    ensure_certificates(layout.client)
    postgres.initialise(layout, keys["postgres-admin"], postgres.account())
    stack = Stack(settings, layout, ports, keys)
    write_whole(layout.settings, stack.settings_text())
    return stack


def main() -> int:
    """Run the stack of the settings in the environment."""
    settings = load_settings()
    layout = layout_of(settings)
    stack_folder(layout)
    lock = take(layout.lock)
    if lock is None:
        print("another supervisor runs this stack", file=sys.stderr)
        return 1
    with lock:
        layout.state.unlink(missing_ok=True)
        end_leftovers(layout, {"postgres": signal.SIGINT})
        identity = identity_of_this()
        remember(identity, layout.root / "supervisor.json")
        try:
            supervisor = Supervisor(prepared(settings, layout).services(), layout)
        except SgnnError as error:
            print(f"error: {error}", file=sys.stderr)
            return error.exit_code

        def end(_signum: int, _frame: FrameType | None) -> None:
            supervisor.asked_to_end.set()

        for kind in (signal.SIGTERM, signal.SIGINT):
            signal.signal(kind, end)
        return supervisor.run()


def identity_of_this() -> Identity:
    """Identity of this process."""
    found = identity_of(os.getpid())
    assert found is not None
    return found


if __name__ == "__main__":
    sys.exit(main())
