"""Files of a logged model: read where they lie, or fetched from the server's store."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from urllib.request import url2pathname

from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException

from sgnn.tracking.connection import Tracking

__all__ = ["fetch_folder", "local_path", "read_file"]


def local_path(location: str) -> Path | None:
    """Folder of a location on this machine's disk; None for one in a remote store."""
    parts = urlsplit(location)
    if parts.scheme in ("", "file"):
        return Path(url2pathname(parts.path))
    return None


def read_file(tracking: Tracking, location: str, path: str) -> bytes | None:
    """Content of a file under a logged model's location, or None where there is none."""
    folder = local_path(location)
    try:
        if folder is not None:
            return (folder / path).read_bytes()
        with TemporaryDirectory() as scratch:
            return Path(_download(tracking, f"{location}/{path}", scratch)).read_bytes()
    except (OSError, MlflowException):
        return None


def fetch_folder(tracking: Tracking, location: str, path: str, target: Path) -> Path:
    """A folder under a logged model's location: where it lies if on this disk, else a whole copy at `target`."""
    folder = local_path(location)
    if folder is not None:
        return folder / path
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=target.parent, prefix=".fetching-") as scratch:
            fetched = _download(tracking, f"{location}/{path}", scratch)
            try:
                os.rename(fetched, target)
            except OSError:
                # another process was faster; its copy is whole, for it came by the same rename
                if not target.is_dir():
                    shutil.move(fetched, target)
    return target


def _download(tracking: Tracking, uri: str, folder: str) -> str:
    return str(download_artifacts(artifact_uri=uri, dst_path=folder, tracking_uri=tracking.uri))
