"""The one set of settings: environment variables, then a settings file, then defaults.

The file is the one that `SGNN_SETTINGS` names, else `sgnn.toml` in the working folder.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pydantic import ByteSize, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from sgnn.errors import SettingsError

__all__ = ["SETTINGS_FILE", "Settings", "as_environment", "environment_name", "load_settings", "settings_file"]

SETTINGS_FILE = Path("sgnn.toml")
FILE_VARIABLE = "SGNN_SETTINGS"
"""Names another settings file."""
ENV_PREFIX = "SGNN_"
# names that Prefect and MLflow read themselves, taken over as they are
OWN_NAMES = ("prefect_api_url", "mlflow_tracking_uri")
ClusterName = Literal["local", "processes", "slurm", "pbs", "sge", "lsf", "oar", "moab", "htcondor", "kubernetes"]


def settings_file() -> Path:
    """The file that settings are read from, there or not."""
    return Path(os.environ.get(FILE_VARIABLE) or SETTINGS_FILE)


def available_cores() -> int:
    """Cores this process may use: its affinity, bounded by a container's CPU quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, min(cores, int(quota) // int(period)))
    except (OSError, ValueError):
        return cores


class Settings(BaseSettings):
    """Where things are kept, and which services are used. With nothing set, everything is embedded and local."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    home: Path = Field(default=Path(".sgnn"), description="folder of corpora, models, runs, reports and databases")
    store: str | None = Field(
        default=None, description="folder of corpora, its file:// URL, or s3://BUCKET/PREFIX; without: HOME/corpora"
    )
    store_patience: float = Field(
        default=120.0, gt=0, description="seconds that requests to a store in a bucket are tried again before giving up"
    )
    store_endpoint: str | None = Field(
        default=None, description="address of the server that keeps the bucket; without: AWS_ENDPOINT_URL, or Amazon's"
    )
    prefect_api_url: str | None = Field(
        default=None,
        validation_alias="prefect_api_url",
        description="API of a Prefect server; without: one is started for the run",
    )
    mlflow_tracking_uri: str = Field(
        default_factory=lambda known: f"sqlite:///{known['home'] / 'mlflow.db'}",
        validation_alias="mlflow_tracking_uri",
        description="MLflow server or database; without: SQLite in HOME/mlflow.db",
    )
    dask_scheduler: str | None = Field(
        default=None, description="address of a running Dask scheduler; without: a cluster is started for the run"
    )
    cluster: ClusterName = Field(
        default="local",
        description="kind of cluster that is started: local (or processes) on this machine, jobs of slurm, pbs, sge, "
        "lsf, oar, moab or htcondor, pods of kubernetes",
    )
    workers: int = Field(
        default_factory=available_cores, ge=1, description="worker processes of that cluster; without: the cores here"
    )
    devices: int = Field(
        default=0, ge=0, description="GPUs, or processes, that train together; 0: all GPUs here, or else one process"
    )
    launcher: str | None = Field(
        default=None,
        description="command that starts the training processes in place of Python, such as `torchrun "
        "--nproc-per-node 8` or `srun python`; without: they are started here",
    )
    workers_min: int | None = Field(
        default=None, ge=0, description="fewest workers, where their number follows the work; without: always `workers`"
    )
    worker_memory: ByteSize | None = Field(
        default=None,
        description="memory of a worker, such as 4GiB; one that grows to it is restarted; without: its share of this "
        "machine, 4 GiB in jobs and pods",
    )
    worker_resources: Annotated[dict[str, float], NoDecode] = Field(
        default_factory=dict,
        description="what each worker has for simulators that ask for it, such as GPU=1",
    )
    served: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="registered models whose API `sgnn stack` runs too, such as covid, several parted by commas",
    )
    worker_patience: float | None = Field(
        default=None,
        gt=0,
        description="seconds to wait while no worker can make blocks; without: 60, for pods 900, for jobs 3600",
    )
    queue: str | None = Field(default=None, description="queue or partition of jobs; without: the site's default")
    queue_account: str | None = Field(default=None, description="account or project that jobs are charged to")
    queue_walltime: str | None = Field(
        default=None, description="longest time of a job, as the batch system writes it; without: 00:30:00"
    )
    queue_job_workers: int = Field(default=1, ge=1, description="workers of one job, each with a core")
    queue_interface: str | None = Field(
        default=None, description="network interface by which jobs reach this machine, such as ib0"
    )
    queue_directives: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="further directives of a job script, one a line, such as --gres=gpu:1"
    )
    queue_prologue: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="shell lines that a job runs before its workers, one a line, such as module load cuda"
    )
    kubernetes_image: str | None = Field(default=None, description="image of pods; it must hold this package")
    kubernetes_namespace: str | None = Field(
        default=None, description="namespace of pods; without: that of the current context"
    )
    secrets: Path | None = Field(
        default=None, description="folder of the passwords, keys and certificates that services ask for, a file each"
    )
    webhook: str | None = Field(
        default=None,
        description="address that is told, by POST of JSON, of scheduled runs that fail, promotions refused, drift",
    )
    data_mirror: Path | None = Field(
        default=None, description="folder that holds pinned real data; without: they are downloaded"
    )

    @field_validator("served", mode="before")
    @classmethod
    def _references(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("worker_resources", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",")]
        if not all(name.strip() and number.strip() for name, _, number in pairs):
            raise ValueError("input should be NAME=NUMBER, several parted by commas")
        return {name.strip(): number.strip() for name, _, number in pairs}

    @field_validator("queue_directives", "queue_prologue", mode="before")
    @classmethod
    def _lines(cls, value: Any) -> Any:
        return tuple(line for line in value.splitlines() if line.strip()) if isinstance(value, str) else value

    @field_validator("workers_min")
    @classmethod
    def _not_above_workers(cls, fewest: int | None, known: ValidationInfo) -> int | None:
        most = known.data.get("workers")
        if fewest is not None and most is not None and fewest > most:
            raise ValueError(f"input should not be greater than workers, {most}")
        return fewest

    @field_validator("home", "secrets", "data_mirror")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        # workers and child processes may have another working folder
        return None if path is None else Path(os.path.abspath(path.expanduser()))

    @property
    def store_url(self) -> str:
        """Store of corpora: an absolute path for a local one, else the URL as it was set."""
        if self.store is None:
            return str(self.home / "corpora")
        parts = urlsplit(self.store)
        if parts.scheme == "file":
            return url2pathname(parts.path)
        if parts.scheme:
            return self.store
        return os.path.abspath(Path(self.store).expanduser())

    @property
    def corpora_folder(self) -> Path:
        """Local folder of corpora; the default one where the store is remote."""
        return self.home / "corpora" if "://" in self.store_url else Path(self.store_url)

    @property
    def staging_folder(self) -> Path:
        """Local files of tasks that work on a remote store: what is not published yet, copies of what is read."""
        return self.home / "staging"

    @property
    def models_folder(self) -> Path:
        """Trained models, one folder each."""
        return self.home / "models"

    @property
    def runs_folder(self) -> Path:
        """Checkpoints and logs of runs, one folder each."""
        return self.home / "runs"

    @property
    def reports_folder(self) -> Path:
        """Reports, one folder a run."""
        return self.home / "reports"

    @property
    def prefect_folder(self) -> Path:
        """Database and results of the Prefect server that the program starts."""
        return self.home / "prefect"

    @property
    def artifacts_folder(self) -> Path:
        """Files that MLflow keeps when it runs on the local database."""
        return self.home / "artifacts"

    @property
    def decoded_folder(self) -> Path:
        """Draws decoded for training, a folder for each version of a corpus; those not used for long make room."""
        return self.cache / "decoded"

    @property
    def cache(self) -> Path:
        """What can be made or fetched again: downloads, baseline forecasts, decoded draws."""
        return self.home / "cache"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file; no `.env` and no secrets folder are read."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=settings_file())


def load_settings(**changes: Any) -> Settings:
    """Settings as configured; `changes` go before everything else.

    Raises `SettingsError` naming the environment variable or the key of `sgnn.toml`, its value and what was expected.
    """
    file = settings_file()
    if os.environ.get(FILE_VARIABLE) and not file.is_file():
        raise SettingsError(f"{FILE_VARIABLE} is {file}: there is no such file", remedy="name another, or unset it")
    try:
        return Settings(**changes)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not TOML: {error}", remedy="mend the file or remove it") from error
    except ValidationError as error:
        raise _as_one_line(error) from error


def environment_name(field: str) -> str:
    """Environment variable that sets a field."""
    return field.upper() if field in OWN_NAMES else f"{ENV_PREFIX}{field.upper()}"


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process these settings; an empty one stands for nothing set."""
    values = settings.model_dump(mode="json", exclude_none=True)
    return {environment_name(name): _as_text(value) for name, value in values.items()}


def _as_text(value: Any) -> str:
    """A setting as it is written in the environment."""
    if isinstance(value, dict):
        return ",".join(f"{name}={number}" for name, number in value.items())
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _as_one_line(error: ValidationError) -> SettingsError:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(step) for step in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return SettingsError(f"{settings_file()}: unknown setting '{field}'", remedy=f"known are {known}")
    # a value of a table or list is named by the setting it belongs to
    name = environment_name(str(first["loc"][0]))
    place = name if name in os.environ else f"{settings_file()}: {field}"
    reason = first["msg"].removeprefix("Value error, ")
    return SettingsError(f"{place} is {first['input']!r}: {reason[:1].lower()}{reason[1:]}", remedy="set another value")
