"""What services ask for: passwords, keys and certificates, each in a file of its own in one folder.

The name of a file is that of the variable in which the service's own client looks for it, as is the custom for secrets
of containers. Settings name the folder and never hold a secret, so none gets into recipes, runs or logs.
"""

from __future__ import annotations

from pathlib import Path

from sgnn.errors import SettingsError
from sgnn.settings import Settings

__all__ = ["TLS_FILES", "VARIABLES", "credentials", "tls_files"]

VARIABLES = (
    "PREFECT_API_AUTH_STRING",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
)
TLS_FILES = ("dask-ca.pem", "dask-cert.pem", "dask-key.pem")
"""Authority, certificate and key of whoever speaks with the Dask scheduler."""


def credentials(settings: Settings) -> dict[str, str]:
    """Variables for the clients of the configured services: what the folder of secrets holds, and the endpoint.

    A file that is not there sets nothing. Raises `SettingsError` where the folder or a file cannot be read.
    """
    found = {} if settings.store_endpoint is None else {"AWS_ENDPOINT_URL": settings.store_endpoint}
    if settings.secrets is None:
        return found
    try:
        present = {file.name for file in settings.secrets.iterdir()}
        secrets = {
            name: (settings.secrets / name).read_text(encoding="utf-8").strip() for name in VARIABLES if name in present
        }
    except OSError as error:
        raise SettingsError(
            f"secrets: {error.filename} cannot be read: {error.strerror}",
            remedy="set SGNN_SECRETS to a folder of yours",
        ) from error
    return found | secrets


def tls_files(settings: Settings) -> tuple[Path, Path, Path]:
    """Files of authority, certificate and key for an encrypted scheduler. Raises `SettingsError` without them."""
    folder = settings.secrets
    if folder is None or not all((folder / name).is_file() for name in TLS_FILES):
        raise SettingsError(
            f"the scheduler {settings.dask_scheduler} asks for a certificate, and there is none",
            remedy=f"set SGNN_SECRETS to a folder that holds {', '.join(TLS_FILES)}",
        )
    authority, certificate, key = (folder / name for name in TLS_FILES)
    return authority, certificate, key
