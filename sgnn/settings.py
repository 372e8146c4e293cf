"""The one set of settings: environment variables, then `sgnn.toml` in the working folder, then defaults."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from sgnn.errors import SettingsError

__all__ = ["SETTINGS_FILE", "Settings", "environment_name", "load_settings"]

SETTINGS_FILE = Path("sgnn.toml")
ENV_PREFIX = "SGNN_"
# names that Prefect and MLflow read themselves, taken over as they are
OWN_NAMES = ("prefect_api_url", "mlflow_tracking_uri")


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

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, frozen=True, extra="forbid", toml_file=SETTINGS_FILE, env_ignore_empty=True
    )

    home: Path = Field(default=Path(".sgnn"), description="folder of corpora, models, runs, reports and databases")
    store: str | None = Field(
        default=None, description="folder of corpora, its file:// URL, or s3://BUCKET/PREFIX; without: HOME/corpora"
    )
    store_patience: float = Field(
        default=120.0, gt=0, description="seconds that requests to a store in a bucket are tried again before giving up"
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
    cluster: Literal["local", "processes", "slurm", "kubernetes"] = Field(
        default="local",
        description="kind of Dask cluster; local and processes are started here, the others need dask_scheduler",
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
    data_mirror: Path | None = Field(
        default=None, description="folder that holds pinned real data; without: they are downloaded"
    )

    @field_validator("home", "data_mirror")
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
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**changes: Any) -> Settings:
    """Settings as configured; `changes` go before everything else.

    Raises `SettingsError` naming the environment variable or the key of `sgnn.toml`, its value and what was expected.
    """
    try:
        return Settings(**changes)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{SETTINGS_FILE}: not TOML: {error}", remedy="mend the file or remove it") from error
    except ValidationError as error:
        raise _as_one_line(error) from error


def environment_name(field: str) -> str:
    """Environment variable that sets a field."""
    return field.upper() if field in OWN_NAMES else f"{ENV_PREFIX}{field.upper()}"


def _as_one_line(error: ValidationError) -> SettingsError:
    first = error.errors(include_url=False)[0]
    field = ".".join(str(step) for step in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return SettingsError(f"{SETTINGS_FILE}: unknown setting '{field}'", remedy=f"known are {known}")
    name = environment_name(field)
    place = name if name in os.environ else f"{SETTINGS_FILE}: {field}"
    reason = first["msg"]
    return SettingsError(f"{place} is {first['input']!r}: {reason[:1].lower()}{reason[1:]}", remedy="set another value")
