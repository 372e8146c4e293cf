"""References to models: `covid`, `covid@candidate`, `covid/3`, or a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sgnn.errors import RegistryError
from sgnn.settings import Settings

if TYPE_CHECKING:
    from sgnn.tracking.registry import Version

__all__ = ["Reference", "fetch", "find_version", "parse_reference", "registered_versions", "resolve"]

# MLflow takes seconds to import: a folder needs none of it


@dataclass(frozen=True)
class Reference:
    """A registered name with the number or alias that is meant."""

    name: str
    which: int | str


def parse_reference(ref: str) -> Reference:
    """Reference from text: `NAME` (its champion), `NAME@ALIAS` or `NAME/NUMBER`. Raises `RegistryError` otherwise."""
    found = re.fullmatch(r"(?P<name>[A-Za-z0-9][\w.-]*)(@(?P<alias>[A-Za-z][\w-]*)|/(?P<number>[1-9]\d*))?", ref)
    if found is None:
        raise RegistryError(
            f"'{ref}' is neither a folder with a model nor a registered one",
            remedy="write NAME, NAME@ALIAS, NAME/NUMBER or the path of a folder that holds model.json",
        )
    number = found["number"]
    return Reference(found["name"], int(number) if number else found["alias"] or "champion")


def resolve(ref: str | Path, settings: Settings) -> Path:
    """Folder of the model that a reference names, checked against the digest it was registered with.

    Raises `RegistryError` for unknown names and for files that are not the registered ones.
    """
    if (Path(ref) / "model.json").is_file():
        return Path(ref)
    return fetch(find_version(str(ref), settings), settings)


def fetch(version: Version, settings: Settings) -> Path:
    """Folder of a version's model, on this disk. Raises `RegistryError` for files that are not the registered ones."""
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.logged_files import fetch_folder
    from sgnn.tracking.models import MODEL_FOLDER, folder_digest

    if not re.fullmatch(r"[\w-]+", version.model_id):
        # it names a folder here, and whoever may write the registry could name another
        raise RegistryError(
            f"{version.ref} has the identity {version.model_id!r}, which MLflow gives to no model",
            remedy="use another version",
        )
    target = settings.models_folder / version.model_id
    folder = fetch_folder(open_tracking(settings), version.location, MODEL_FOLDER, target)
    if folder_digest(folder) != version.digest:
        raise RegistryError(
            f"{version.ref}: the files in {folder} are not the ones that were registered",
            remedy="restore them, or use another version",
        )
    return folder


def find_version(ref: str, settings: Settings) -> Version:
    """The registered version that a reference names. Raises `RegistryError` naming what there is instead."""
    wanted = parse_reference(ref)
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.registry import show_version

    if not _anything_registered(settings):
        raise RegistryError(
            f"no model named '{wanted.name}': none is registered in {settings.home}",
            remedy="sgnn run RECIPE makes one",
        )
    return show_version(open_tracking(settings), wanted.name, wanted.which)


def registered_versions(settings: Settings, name: str | None = None) -> tuple[Version, ...]:
    """All registered versions, or those of one name; none where nothing was ever registered."""
    if not _anything_registered(settings):
        return ()
    from sgnn.tracking.connection import open_tracking
    from sgnn.tracking.registry import list_versions

    return list_versions(open_tracking(settings), name)


def _anything_registered(settings: Settings) -> bool:
    """False where the database is not there yet: looking something up makes none."""
    from sgnn.tracking.connection import database_file, tracking_uri

    file = database_file(tracking_uri(settings))
    return file is None or file.exists()
