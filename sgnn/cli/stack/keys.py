"""Passwords and keys of the stack: drawn once, each in a file that its owner alone reads."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from sgnn.cli.stack.layout import Layout

NAMES = (
    "postgres-admin",
    "postgres-prefect",
    "postgres-mlflow",
    "mlflow-admin",
    "mlflow-sgnn",
    "mlflow-session",
    "prefect",
    "objects-sgnn",
    "objects-mlflow",
)
"""One for each user of each service."""
USER = "sgnn"
OBJECTS_OF_MLFLOW = "mlflow"
LENGTH = 32
"""Bytes of randomness."""


def ensure_keys(layout: Layout) -> dict[str, str]:
    """All passwords by name; those that are not there are drawn. What a user has to show lies apart from them."""
    for folder in (layout.secrets, layout.client):
        private_folder(folder)
    keys = {name: _ensure(layout.secrets / name) for name in NAMES}
    for name, value in shown(keys).items():
        write_secret(layout.client / name, value)
    return keys


def shown(keys: Mapping[str, str]) -> dict[str, str]:
    """What a user of the stack shows to its services, by the variables in which clients look for it."""
    return {
        "PREFECT_API_AUTH_STRING": f"{USER}:{keys['prefect']}",
        "MLFLOW_TRACKING_USERNAME": USER,
        "MLFLOW_TRACKING_PASSWORD": keys["mlflow-sgnn"],
        "AWS_ACCESS_KEY_ID": USER,
        "AWS_SECRET_ACCESS_KEY": keys["objects-sgnn"],
    }


def write_secret(file: Path, text: str) -> None:
    """Write a file that nobody but its owner reads, from its first byte on."""
    draft = file.with_name(f".{file.name}.new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as output:
        output.write(text)
    os.replace(draft, file)


def private_folder(folder: Path) -> None:
    """A folder that nobody but its owner enters."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def _ensure(file: Path) -> str:
    if not file.exists():
        write_secret(file, secrets.token_urlsafe(LENGTH))
    return file.read_text(encoding="utf-8")
