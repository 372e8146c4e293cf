"""Real data files: pinned by address and checksum, read from a mirror folder or downloaded once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sgnn.errors import DataError, DownloadError
from sgnn.settings import Settings

_HOST = "https://raw.githubusercontent.com"
_TIMEOUT = 15


class MissingData(DataError):
    """Files that a protocol needs and that neither the mirror nor the network has."""


@dataclass(frozen=True)
class PinnedFile:
    """One file of a public repository at one commit, with the sha256 of its bytes."""

    repository: str
    commit: str
    path: str
    sha256: str
    licence: str = ""

    @property
    def place(self) -> str:
        """Path below a mirror folder, and below the public host."""
        return f"{self.repository}/{self.commit}/{self.path}"

    @property
    def address(self) -> str:
        """Where it is downloaded from."""
        return f"{_HOST}/{self.place}"


def fetch(files: Sequence[PinnedFile], settings: Settings) -> list[Path]:
    """Local paths of the files, checked: from the mirror where one is configured, else downloaded and kept.

    Raises `DownloadError` for a file with other bytes than were pinned, `MissingData` naming all files that are
    nowhere.
    """
    found, missing, why = [], [], ""
    for file in files:
        try:
            found.append(
                _from_mirror(file, settings.data_mirror) if settings.data_mirror else _downloaded(file, settings.cache)
            )
        except OSError as error:
            missing.append(file)
            why = str(error).split("\n")[0]
    if missing:
        source = f"the mirror {settings.data_mirror}" if settings.data_mirror else "the network"
        names = ", ".join(file.place for file in missing)
        raise MissingData(
            f"{len(missing)} data files are not to be had from {source}: {names}"
            + ("" if settings.data_mirror else f" ({why[:120]})"),
            remedy="set SGNN_DATA_MIRROR to a folder that has them at these paths, or run once with network access",
        )
    return found


def _from_mirror(file: PinnedFile, mirror: Path) -> Path:
    path = mirror / file.place
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != file.sha256:
        raise _other_bytes(file, path, digest)
    return path


def _downloaded(file: PinnedFile, cache: Path) -> Path:
    import pooch

    kept = cache / "data" / file.place
    if kept.exists() and hashlib.sha256(kept.read_bytes()).hexdigest() == file.sha256:
        return kept
    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(timeout=_TIMEOUT)
    try:
        path = pooch.retrieve(file.address, f"sha256:{file.sha256}", kept.name, kept.parent, downloader=downloader)
    except ValueError as error:
        raise _other_bytes(file, Path(file.address), str(error).split("(")[-1][:64]) from error
    return Path(path)


def _other_bytes(file: PinnedFile, place: Path | str, digest: str) -> DownloadError:
    return DownloadError(
        f"{place} has sha256 {digest[:16]}…, expected {file.sha256[:16]}…", remedy="remove the file and fetch it anew"
    )
