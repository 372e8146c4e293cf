"""The services of the stack, from settings, ports and keys: one function each, and their order."""

from __future__ import annotations

import json
import signal
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from flows.silent_runs import HEARTBEAT
from sgnn.cli.stack import postgres, probe
from sgnn.cli.stack.keys import OBJECTS_OF_MLFLOW, USER, shown, write_secret
from sgnn.cli.stack.layout import Layout
from sgnn.cli.stack.object_store import BUCKET, Right
from sgnn.cli.stack.ports import HOST
from sgnn.cli.stack.service import Service
from sgnn.corpus.cluster.process import environment as worker_environment
from sgnn.corpus.cluster.process import worker_options
from sgnn.credentials import TLS_FILES
from sgnn.settings import Settings

POOL = "sgnn"
"""Prefect's work pool; deployments go there."""
ADMINISTRATOR = "admin"
QUIET = {
    "DO_NOT_TRACK": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
"""No telemetry from any of them."""
PATIENT = {"PREFECT_SERVER_DATABASE_TIMEOUT": "60", "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "30"}
"""Seconds that Prefect waits for PostgreSQL: its usual ten and five fail requests where a machine is busy."""
RENEWED = {"PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_RECYCLE": "300"}
"""Seconds after which Prefect opens a connection anew: PostgreSQL keeps plans and catalogues for each till it ends."""
RIGHTS: Mapping[str, str] = {USER: "corpora/", OBJECTS_OF_MLFLOW: "mlflow/"}
"""What each key of the object store is for: the prefix that it reads and writes below."""


@dataclass(frozen=True)
class Stack:
    """What the services are made from."""

    settings: Settings
    layout: Layout
    ports: Mapping[str, int]
    keys: Mapping[str, str]
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Names of the machines that services run on; this one where not named."""
    bind: str = HOST
    """Address that services listen at."""

    def host(self, service: str) -> str:
        """The machine of a service."""
        return self.hosts.get(service, HOST)

    def address(self, service: str) -> str:
        """A service's address in the browser."""
        return f"http://{self.host(service)}:{self.ports[service]}"

    @property
    def scheduler(self) -> str:
        """Address of the Dask scheduler."""
        return f"tls://{self.host('scheduler')}:{self.ports['scheduler']}"

    @property
    def dashboard(self) -> str:
        """Address of the scheduler's page."""
        return f"http://{self.host('scheduler')}:{self.ports['dashboard']}"

    @property
    def databases(self) -> str:
        """Machine and port of PostgreSQL."""
        return f"{self.host('postgres')}:{self.ports['postgres']}"

    def services(self) -> tuple[Service, ...]:
        """All services; each comes after those that it needs."""
        return (
            self.postgres(),
            self.objects(),
            self.scheduler_service(),
            self.prefect(),
            self.mlflow(),
            self.workers(),
            self.worker(),
            *([self.serve()] if self.settings.served else []),
        )

    def postgres(self) -> Service:
        """Databases of Prefect and MLflow."""
        port = self.ports["postgres"]
        return Service(
            "postgres",
            postgres.command(self.layout, port),
            lambda: postgres.is_ready(port),
            once_healthy=self.ensure_databases,
            account=postgres.account(),
            # what is under way is undone, nobody is waited for
            stop_signal=signal.SIGINT,
            whole_group=False,
            address=f"{HOST}:{port}",
        )

    def ensure_databases(self) -> None:
        """Make users and databases where they are missing."""
        postgres.ensure_databases(self.host("postgres"), self.ports["postgres"], self.keys)

    def objects(self) -> Service:
        """Corpora, and MLflow's files."""
        rights = {key: asdict(Right(self.keys[f"objects-{key}"], BUCKET, prefix)) for key, prefix in RIGHTS.items()}
        file = self.layout.secrets / "objects.json"
        write_secret(file, json.dumps(rights))
        served = [str(self.layout.objects), self.bind, str(self.ports["objects"]), str(file)]
        return Service(
            "objects",
            [sys.executable, "-m", "sgnn.cli.stack.object_store", *served],
            lambda: probe.refuses(self.address("objects")),
            address=self.address("objects"),
        )

    def prefect(self) -> Service:
        """Flows, their runs and their schedules."""
        database = f"prefect:{self.keys['postgres-prefect']}@{self.databases}/prefect"
        auth = f"{USER}:{self.keys['prefect']}"
        api = f"{self.address('prefect')}/api"
        return Service(
            "prefect",
            [
                sys.executable,
                "-m",
                "prefect",
                "server",
                "start",
                "--host",
                self.bind,
                "--port",
                str(self.ports["prefect"]),
            ],
            lambda: probe.answers(f"{api}/health"),
            {
                "PREFECT_HOME": str(self.layout.prefect),
                "PREFECT_PROFILES_PATH": str(self.layout.prefect / "profiles.toml"),
                "PREFECT_API_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://{database}",
                "PREFECT_SERVER_API_AUTH_STRING": auth,
                # its own services speak with it as anybody does
                "PREFECT_API_AUTH_STRING": auth,
                "PREFECT_API_URL": api,
                "PREFECT_UI_API_URL": api,
                "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
                "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
                # in memory, places of schedules would be taken for ever by runs that a dead server knew of
                "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
                **PATIENT,
                **RENEWED,
            },
            after=("postgres",),
            address=self.address("prefect"),
        )

    def mlflow(self) -> Service:
        """Runs, models and their files; everybody has to log in."""
        owner = f"postgresql+psycopg://mlflow:{self.keys['postgres-mlflow']}@{self.databases}"
        file = self.layout.secrets / "mlflow-auth.ini"
        lines = [
            "[mlflow]",
            "default_permission = READ",
            f"database_uri = {owner}/mlflow_auth",
            f"admin_username = {ADMINISTRATOR}",
            "authorization_function = mlflow.server.auth:authenticate_request_basic_auth",
            # a password is hashed for many milliseconds, and a run asks hundreds of times
            "auth_cache_ttl_seconds = 30",
        ]
        write_secret(file, "\n".join(lines) + "\n")
        served = [
            "--app-name",
            "basic-auth",
            "--host",
            self.bind,
            "--port",
            str(self.ports["mlflow"]),
            "--workers",
            "1",
        ]
        return Service(
            "mlflow",
            [sys.executable, "-m", "mlflow", "server", *served],
            lambda: probe.answers(f"{self.address('mlflow')}/health"),
            {
                "MLFLOW_BACKEND_STORE_URI": f"{owner}/mlflow",
                "MLFLOW_SERVE_ARTIFACTS": "true",
                "MLFLOW_ARTIFACTS_DESTINATION": f"s3://{BUCKET}/{RIGHTS[OBJECTS_OF_MLFLOW]}".rstrip("/"),
                "MLFLOW_AUTH_CONFIG_PATH": str(file),
                "MLFLOW_AUTH_ADMIN_PASSWORD": self.keys["mlflow-admin"],
                "MLFLOW_FLASK_SERVER_SECRET_KEY": self.keys["mlflow-session"],
                "MLFLOW_S3_ENDPOINT_URL": self.address("objects"),
                "AWS_ACCESS_KEY_ID": OBJECTS_OF_MLFLOW,
                "AWS_SECRET_ACCESS_KEY": self.keys["objects-mlflow"],
                "AWS_REGION": "us-east-1",
            },
            after=("postgres", "objects"),
            once_healthy=self.ensure_users,
            address=self.address("mlflow"),
        )

    def ensure_users(self) -> None:
        """Make MLflow's user where it is missing."""
        ensure_mlflow_user(self.address("mlflow"), self.keys)

    def scheduler_service(self) -> Service:
        """Gives blocks to workers; speaks with nobody who has no certificate."""
        ports = [
            "--port",
            str(self.ports["scheduler"]),
            "--dashboard-address",
            f"{self.bind}:{self.ports['dashboard']}",
        ]
        return Service(
            "scheduler",
            [sys.executable, "-m", "dask", "scheduler", "--protocol", "tls", "--host", self.bind, *ports, *self._tls()],
            lambda: probe.has_workers(self.dashboard, 0),
            worker_environment(),
            address=self.scheduler,
        )

    def workers(self) -> Service:
        """Make blocks of corpora, each with one thread; as many as there is work, where there is a fewest."""
        most, memory = self.settings.workers, self.settings.worker_memory
        fewest = most if self.settings.workers_min is None else max(1, self.settings.workers_min)
        each = most if fewest == most else 1
        options = ["--nworkers", str(each), "--nthreads", "1", "--host", self.bind]
        # without an address of its own its page would be there for everybody
        options += ["--no-dashboard", "--dashboard-address", f"{HOST}:0"]
        options += ["--memory-limit", "auto" if memory is None else str(int(memory))]
        options += ["--local-directory", str(self.layout.root / "dask"), "--death-timeout", "60"]
        options += worker_options(self.settings.worker_resources)
        command = [sys.executable, "-m", "dask", "worker", self.scheduler, "--protocol", "tls", *options, *self._tls()]
        if fewest < most:
            asked = [self.scheduler, str(fewest), str(most), *self._certificates(), "--", *command]
            command = [sys.executable, "-m", "sgnn.corpus.cluster.adaptive", *asked]
        return Service(
            "workers",
            command,
            lambda: probe.has_workers(self.dashboard, fewest),
            {**worker_environment(), **self.client_environment()},
            after=("scheduler", "objects"),
            address=f"{most if fewest == most else f'{fewest} to {most}'} of {self.scheduler}",
        )

    def worker(self) -> Service:
        """Starts the flows that are due."""
        name = ["--pool", POOL, "--type", "process", "--name", "stack"]
        return Service(
            "worker",
            [sys.executable, "-m", "flows.worker_process", *name, "--with-healthcheck"],
            lambda: probe.answers(f"{self.address('worker')}/health"),
            {
                **self.client_environment(),
                "PREFECT_HOME": str(self.layout.prefect),
                "PREFECT_PROFILES_PATH": str(self.layout.prefect / "profiles.toml"),
                "PREFECT_API_URL": f"{self.address('prefect')}/api",
                "PREFECT_WORKER_WEBSERVER_HOST": HOST,
                "PREFECT_WORKER_WEBSERVER_PORT": str(self.ports["worker"]),
                "PREFECT_WORKER_QUERY_SECONDS": "3",
                **HEARTBEAT,
            },
            after=("prefect",),
            address=f"work pool {POOL}",
        )

    def serve(self) -> Service:
        """The API of models that are named in the settings; of those that have no version yet, it says so."""
        served = [*self.settings.served, "--wait", "--host", self.bind, "--port", str(self.ports["serve"])]
        return Service(
            "serve",
            [sys.executable, "-m", "sgnn.cli", "serve", *served],
            lambda: probe.answers(f"{self.address('serve')}/health"),
            self.client_environment(),
            after=("mlflow",),
            address=self.address("serve"),
        )

    def client_environment(self) -> dict[str, str]:
        """Variables of whoever works with the stack in a process of its own."""
        return {
            **shown(self.keys),
            "SGNN_SETTINGS": str(self.layout.settings),
            "AWS_ENDPOINT_URL": self.address("objects"),
        }

    @property
    def certificates(self) -> Path:
        """Folder of the certificates."""
        return self.layout.client

    def settings_text(self) -> str:
        """The settings file for users of the stack: what they had set, and where the services are."""
        kept: dict[str, object] = {"workers": self.settings.workers}
        if self.settings.workers_min is not None:
            # whoever submits work hears how many there may be
            kept["workers_min"] = self.settings.workers_min
        places: dict[str, object] = {
            "home": str(self.settings.home),
            "store": f"s3://{BUCKET}/{RIGHTS[USER]}".rstrip("/"),
            "store_endpoint": self.address("objects"),
            "prefect_api_url": f"{self.address('prefect')}/api",
            "mlflow_tracking_uri": self.address("mlflow"),
            "dask_scheduler": self.scheduler,
            "secrets": str(self.layout.client),
        }
        if self.settings.data_mirror is not None:
            places["data_mirror"] = str(self.settings.data_mirror)
        if self.settings.webhook is not None:
            places["webhook"] = self.settings.webhook
        written = [f"{name} = {json.dumps(value)}" for name, value in {**places, **kept}.items()]
        return "# written by `sgnn stack up`: SGNN_SETTINGS names this file\n" + "\n".join(written) + "\n"

    def _certificates(self) -> list[str]:
        return [str(self.certificates / name) for name in TLS_FILES]

    def _tls(self) -> list[str]:
        authority, certificate, key = self._certificates()
        return ["--tls-ca-file", authority, "--tls-cert", certificate, "--tls-key", key]


def ask_mlflow(address: str, method: str, what: str, password: str, body: Mapping[str, str]) -> None:
    """Have MLflow do something to a user, as its administrator of that password. Raises `OSError` where it does not."""
    shown = b64encode(f"{ADMINISTRATOR}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {shown}", "Content-Type": "application/json"}
    place = f"{address}/api/2.0/mlflow/users/{what}"
    request = urllib.request.Request(place, json.dumps(body).encode(), headers, method=method)
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()


def ensure_mlflow_user(address: str, keys: Mapping[str, str]) -> None:
    """The user that runs log in as: owns what it makes, reads the rest, and is no administrator."""
    try:
        ask_mlflow(address, "POST", "create", keys["mlflow-admin"], {"username": USER, "password": keys["mlflow-sgnn"]})
    except urllib.error.HTTPError as error:
        # there from an earlier start
        if b"RESOURCE_ALREADY_EXISTS" not in error.read():
            raise


def stack_folder(layout: Layout) -> Path:
    """The stack's folder, made where it is missing."""
    for folder in (layout.root, layout.objects, layout.prefect, layout.log("x").parent, layout.pid("x").parent):
        folder.mkdir(parents=True, exist_ok=True)
    return layout.root
