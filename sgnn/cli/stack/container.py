"""The services of the stack, each in a container of its own: the same commands, addresses by name, secrets from files.

`python -m sgnn.cli.stack.container SERVICE` becomes that service; `... healthy SERVICE` asks it; `... databases` and
`... users` set up what `sgnn stack up` sets up by itself. docker-compose.yml and infra/kubernetes start them so.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from sgnn.cli.stack.keys import NAMES
from sgnn.cli.stack.layout import Layout
from sgnn.cli.stack.ports import USUAL
from sgnn.cli.stack.service import Service
from sgnn.cli.stack.services import QUIET, Stack
from sgnn.credentials import credentials
from sgnn.errors import SettingsError, SgnnError
from sgnn.settings import Settings, load_settings

EVERYWHERE = "0.0.0.0"
PORTS = {**USUAL, "postgres": 5432}
HOSTS = {
    "postgres": "postgres",
    "objects": "objects",
    "prefect": "prefect",
    "mlflow": "mlflow",
    "scheduler": "scheduler",
}
"""Services are found by their names on the stack's own network."""
SECRETS = Path("/run/secrets")
PUBLISHED: Mapping[str, Mapping[str, str]] = {
    # the page in somebody's browser asks the port that is published
    "prefect": {"PREFECT_UI_API_URL": f"http://127.0.0.1:{PORTS['prefect']}/api"},
    # it answers to the name that other containers know it by, and to those of this machine
    "mlflow": {
        "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(
            f"{host}:{PORTS['mlflow']}" for host in (HOSTS["mlflow"], "localhost", "127.0.0.1")
        )
    },
}
"""What services are told of the names that people know them by, unless the container's own variables say others."""
OPERATOR = "DASK_WORKER_NAME"
"""The variable in which the Dask operator says what it calls a pod: it asks the scheduler to retire it by that name."""


class Secrets(Mapping[str, str]):
    """Passwords from files; each container has those that it needs, and no others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> str:
        """A password. Raises `SettingsError` where the container was not given it."""
        try:
            return (self.folder / name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(
                f"the secret {self.folder / name} cannot be read: {error.strerror}", remedy="give it to this container"
            ) from error

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


@dataclass(frozen=True)
class Containers(Stack):
    """The stack as it is seen from one of its containers."""

    def client_environment(self) -> dict[str, str]:
        """What this container was given to show."""
        return credentials(self.settings)

    @property
    def certificates(self) -> Path:
        """Where secrets are."""
        return self.settings.secrets or SECRETS


def containers(settings: Settings) -> Containers:
    """The stack of the settings in this container's environment."""
    folder = settings.secrets or SECRETS
    return Containers(settings, Layout(settings.home / "stack"), PORTS, Secrets(folder), HOSTS, EVERYWHERE)


def service(stack: Containers, name: str) -> Service:
    """A service by its name. Raises `SettingsError` for one that is not known."""
    known = {
        "objects": stack.objects,
        "prefect": stack.prefect,
        "mlflow": stack.mlflow,
        "scheduler": stack.scheduler_service,
        "workers": stack.workers,
        "worker": stack.worker,
    }
    if name not in known:
        raise SettingsError(f"no service '{name}'", remedy=f"one of: {', '.join(known)}")
    return known[name]()


def told(made: Service, environment: Mapping[str, str]) -> Service:
    """A service with what it is told of names: its own, and those that people know it by."""
    names = {name: environment.get(name) or usual for name, usual in PUBLISHED.get(made.name, {}).items()}
    command = [*made.command]
    if made.name == "workers" and environment.get(OPERATOR):
        command += ["--name", environment[OPERATOR]]
    return replace(made, command=command, environment={**made.environment, **names})


def become(wanted: Service) -> NoReturn:
    """Replace this process by the service, which so gets the signals that the engine sends."""
    os.execvpe(wanted.command[0], list(wanted.command), {**os.environ, **QUIET, **wanted.environment})


def main() -> int:
    """Become a service, which does not return; or ask one, or set something up."""
    stack = containers(load_settings())
    verb, *rest = sys.argv[1:]
    if verb == "healthy":
        try:
            return 0 if service(stack, rest[0]).healthy() else 1
        except (OSError, ValueError):
            return 1
    if verb == "databases":
        stack.ensure_databases()
        return 0
    if verb == "users":
        stack.ensure_users()
        return 0
    for folder in (stack.layout.secrets, stack.layout.objects, stack.layout.prefect):
        folder.mkdir(parents=True, exist_ok=True)
    become(told(service(stack, verb), os.environ))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SgnnError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
