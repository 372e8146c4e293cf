"""The connection to MLflow: a database in the home folder, or the server that the settings name."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sgnn.errors import ServiceError
from sgnn.lock import hold
from sgnn.settings import Settings

# read by MLflow when it is imported: no telemetry, no chatter, no progress bars of one file
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
for _name, _value in QUIET.items():
    os.environ.setdefault(_name, _value)

from mlflow import MlflowClient  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from sqlalchemy.exc import SQLAlchemyError  # noqa: E402

__all__ = ["QUIET", "Tracking", "database_file", "open_tracking", "patient", "tracking_uri"]

EXPERIMENT = "sgnn"
"""All recipes share one experiment, so that a recipe and its control can be held side by side."""

REQUEST_TIMEOUT = "20"
"""Seconds after which a silent server counts as unreachable."""
RETRIES_VARIABLE = "MLFLOW_HTTP_REQUEST_MAX_RETRIES"
FEW_RETRIES, MANY_RETRIES = "2", "6"
"""After waits of 0, 4, 8, 16, 32 and 64 seconds: whoever only looks is told within seconds, a run waits two minutes."""

_PAGE = {"mlflow.experimentKind": "custom_model_development"}
"""Makes MLflow's page open on runs and metrics, not on traces of language models."""


@dataclass(frozen=True)
class Tracking:
    """An open connection: the client, the experiment that runs go to, and the folder of locks."""

    client: MlflowClient
    uri: str
    experiment_id: str
    home: Path
    store: str
    """URL of the store that all hosts share."""

    @property
    def locks(self) -> Path:
        """Folder of the locks that tell living processes from dead ones."""
        return self.home / "locks"


def tracking_uri(settings: Settings) -> str:
    """Address of the MLflow database or server."""
    return settings.mlflow_tracking_uri


def database_file(uri: str) -> Path | None:
    """File of an SQLite address; None for any other."""
    parts = urlsplit(uri)
    return Path(parts.path[1:]) if parts.scheme.split("+")[0] == "sqlite" else None


def open_tracking(settings: Settings, experiment: str = EXPERIMENT) -> Tracking:
    """Connect, making the database and the experiment at first use (which takes some seconds).

    Raises `ServiceError` naming the address where nothing answers or the database cannot be used.
    """
    uri = tracking_uri(settings)
    # alembic tells every one of its migrations
    logging.getLogger("alembic").setLevel(logging.WARNING)
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", REQUEST_TIMEOUT)
    os.environ.setdefault(RETRIES_VARIABLE, FEW_RETRIES)
    try:
        if (file := database_file(uri)) is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        # two processes must not make the tables or the experiment at once
        with hold(settings.home / "locks" / "database"):
            client = MlflowClient(tracking_uri=uri, registry_uri=uri)
            experiment_id = _experiment_id(client, experiment, file is not None, settings)
            return Tracking(client, uri, experiment_id, settings.home, settings.store_url)
    except (MlflowException, SQLAlchemyError, OSError) as error:
        # the driver's own words, without the statement that it was sent
        reason = getattr(error, "orig", None) or error
        raise ServiceError(
            f"MLflow at {uri} cannot be used: {reason}",
            remedy="check MLFLOW_TRACKING_URI and the rights of its folder, or unset it",
        ) from error


@contextmanager
def patient() -> Iterator[None]:
    """Requests inside the block outlast a server that is started again. What the environment had set stays."""
    before = os.environ.get(RETRIES_VARIABLE)
    if before != FEW_RETRIES:
        yield
        return
    os.environ[RETRIES_VARIABLE] = MANY_RETRIES
    try:
        yield
    finally:
        os.environ[RETRIES_VARIABLE] = before


def _experiment_id(client: MlflowClient, name: str, local: bool, settings: Settings) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    # a server keeps files where it was told to
    location = str(settings.artifacts_folder) if local else None
    try:
        return str(client.create_experiment(name, artifact_location=location, tags=_PAGE))
    except MlflowException:
        # another host was faster
        found = client.get_experiment_by_name(name)
        if found is None:
            raise
        return str(found.experiment_id)
