"""Where the stack keeps things: one folder, `<home>/stack`, and in it one for each kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sgnn.settings import Settings


@dataclass(frozen=True)
class Layout:
    """The folder of a stack and what lies in it."""

    root: Path

    @property
    def settings(self) -> Path:
        """Settings file for whoever uses the stack."""
        return self.root / "sgnn.toml"

    @property
    def ports(self) -> Path:
        """Ports by service, kept from one start to the next."""
        return self.root / "ports.json"

    @property
    def state(self) -> Path:
        """What the supervisor last said of each service."""
        return self.root / "state.json"

    @property
    def lock(self) -> Path:
        """Held by the supervisor for as long as it lives."""
        return self.root / "lock"

    @property
    def secrets(self) -> Path:
        """Passwords and keys of the services themselves: for nobody else."""
        return self.root / "secrets"

    @property
    def client(self) -> Path:
        """What a user of the stack has to show, the folder that the setting `secrets` names."""
        return self.root / "client"

    @property
    def proxy(self) -> Path:
        """Certificate and key of the proxy before the API."""
        return self.root / "proxy"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data."""
        return self.root / "postgres"

    @property
    def objects(self) -> Path:
        """Buckets, a folder each."""
        return self.root / "objects"

    @property
    def prefect(self) -> Path:
        """Prefect's own home, without its database."""
        return self.root / "prefect"

    def log(self, service: str) -> Path:
        """What a service says."""
        return self.root / "logs" / f"{service}.log"

    def pid(self, service: str) -> Path:
        """Number and start of a service's process."""
        return self.root / "pids" / f"{service}.json"


def layout_of(settings: Settings) -> Layout:
    """Layout of the stack that belongs to a home folder."""
    return Layout(settings.home / "stack")
