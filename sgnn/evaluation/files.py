"""Real data files: pinned by address and checksum, read from a mirror folder or downloaded once."""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sgnn.errors import DataError, DownloadError
from sgnn.settings import Settings

_HOST = "https://raw.githubusercontent.com"
CONNECT_SECONDS, READ_SECONDS = 4, 60
"""A host that does not answer within the first is not there; one that does may be slow."""


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
    """Local paths of the files, checked: from the mirror where one is configured, else downloaded once and kept.

    Raises `DownloadError` for a file with other bytes than were pinned, `MissingData` naming all files that are
    nowhere.
    """
    if settings.data_mirror:
        found, missing, why = *_mirrored(files, settings.data_mirror), ""
    else:
        found, missing, why = _downloaded(files, settings.cache)
    if missing:
        raise _missing(missing, settings, why)
    return [found[file] for file in files]


def _mirrored(files: Sequence[PinnedFile], mirror: Path) -> tuple[dict[PinnedFile, Path], list[PinnedFile]]:
    """Where files are in the mirror, and those that are not."""
    found = {file: mirror / file.place for file in files if (mirror / file.place).is_file()}
    for file, path in found.items():
        if (digest := _digest(path)) != file.sha256:
            raise _other_bytes(file, str(path), digest, "put the pinned file there")
    return found, [file for file in files if file not in found]


def _downloaded(files: Sequence[PinnedFile], cache: Path) -> tuple[dict[PinnedFile, Path], list[PinnedFile], str]:
    """Where files are in the cache after fetching what is not, those that cannot be had, and why."""
    kept = {file: cache / "data" / file.place for file in files}
    found = {file: path for file, path in kept.items() if path.is_file() and _digest(path) == file.sha256}
    missing: list[PinnedFile] = []
    why = ""
    for at, file in enumerate(files):
        if file not in found:
            try:
                found[file] = _download(file, kept[file])
            except ConnectionError as error:
                # the host does not answer: asking for the rest would only take long
                rest = [one for one in files[at:] if one not in found]
                return found, [*missing, *rest], str(error)
            except FileNotFoundError as error:
                missing, why = [*missing, file], str(error)
    return found, missing, why


def _download(file: PinnedFile, place: Path) -> Path:
    """Fetch one file to its place, where only the pinned bytes ever appear.

    Raises `ConnectionError` where the host cannot be reached, `FileNotFoundError` where it does not have the file.
    """
    import pooch
    import requests

    pooch.get_logger().setLevel("ERROR")
    downloader = pooch.HTTPDownloader(timeout=(CONNECT_SECONDS, READ_SECONDS))
    try:
        pooch.retrieve(file.address, f"sha256:{file.sha256}", place.name, place.parent, downloader=downloader)
    except ValueError as error:
        got = re.search(r"got ([0-9a-f]{64})", str(error))
        remedy = "look whether a proxy changes what is downloaded"
        raise _other_bytes(file, file.address, got[1] if got else "of other bytes", remedy) from error
    except requests.HTTPError as error:
        raise FileNotFoundError(_reason(error)) from error
    except requests.RequestException as error:
        raise ConnectionError(_reason(error)) from error
    return place


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _other_bytes(file: PinnedFile, place: str, digest: str, remedy: str) -> DownloadError:
    return DownloadError(f"{place} has sha256 {digest}, expected {file.sha256}", remedy=remedy)


def _missing(files: Sequence[PinnedFile], settings: Settings, why: str) -> MissingData:
    names = ", ".join(file.place for file in files)
    number = f"{len(files)} data file{'s are' if len(files) > 1 else ' is'}"
    if settings.data_mirror:
        return MissingData(
            f"{number} not in the mirror {settings.data_mirror}: {names}",
            remedy="put them there at these paths, or unset SGNN_DATA_MIRROR to download them",
        )
    return MissingData(
        f"{number} not to be had from the network ({why}): {names}",
        remedy="run once with network access, or set SGNN_DATA_MIRROR to a folder that has them at these paths",
    )


def _reason(error: OSError) -> str:
    """An error of the network in a few words: its own text repeats the address and names of classes."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror):
            return "the host's name is not known here"
        if isinstance(cause, TimeoutError):
            return "the host does not answer"
        cause = cause.__cause__ or cause.__context__
    return " ".join(str(error).split())[:120]
