"""Places and services: the home folder, the store, Prefect, MLflow, Dask, the real data."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from sgnn.cli.doctor.check import Check, State
from sgnn.cli.doctor.configured import hide_password
from sgnn.cli.doctor.machine import GIB, nearest_existing
from sgnn.cli.doctor.store import check_remote_store
from sgnn.settings import Settings

AREA = "reachable"
PATIENCE = 3.0  # s, for each service
DISK_NEEDED = 2 * GIB
DATA_HOST = "https://raw.githubusercontent.com/"


def check_services(settings: Settings) -> list[Check]:
    """One line each, in the order a run needs them."""
    checks = [check_folder("home", settings.home, "SGNN_HOME")]
    if "://" in settings.store_url:
        checks.append(check_remote_store(settings.store_url, PATIENCE))
    elif settings.store is not None:
        checks.append(check_folder("store", settings.corpora_folder, "SGNN_STORE"))
    checks += [_check_prefect(settings), _check_mlflow(settings), _check_dask(settings)]
    return [*checks, *_check_data(settings)]


def check_folder(name: str, folder: Path, variable: str) -> Check:
    """Whether a folder can be made and written, and has room for a run."""
    place = nearest_existing(folder)
    try:
        # rights on paper are not enough: a mount may be read-only
        with TemporaryFile(dir=place):
            pass
    except OSError as error:
        found = f"{place} cannot be written: {error.strerror}"
        return Check(AREA, name, State.BROKEN, found, f"set {variable} to a folder of yours")
    free = shutil.disk_usage(place).free
    found = f"{folder}, {free / GIB:.1f} GiB free"
    if free < DISK_NEEDED:
        return Check(AREA, name, State.BROKEN, found, f"free some space, or set {variable} to another disk")
    return Check(AREA, name, State.OK, found)


def answers(url: str) -> str | None:
    """None where a web address answers with success, else the reason in a few words."""
    try:
        with urlopen(url, timeout=PATIENCE):
            return None
    except HTTPError as error:
        return f"answers {error.code}"
    except (URLError, OSError, ValueError) as error:
        return str(getattr(error, "reason", error))


def _check_prefect(settings: Settings) -> Check:
    url = settings.prefect_api_url
    if url is None:
        return Check(AREA, "prefect", State.OK, "started for each run")
    reason = answers(f"{url.rstrip('/')}/health")
    if reason is None:
        return Check(AREA, "prefect", State.OK, hide_password(url))
    remedy = "start that server, or unset PREFECT_API_URL to have one started for each run"
    return Check(AREA, "prefect", State.BROKEN, f"{hide_password(url)}: {reason}", remedy)


def _check_mlflow(settings: Settings) -> Check:
    uri = settings.mlflow_tracking_uri
    if not uri.startswith(("http://", "https://")):
        return Check(AREA, "mlflow", State.OK, f"{hide_password(uri)}, opened by each run")
    reason = answers(f"{uri.rstrip('/')}/health")
    if reason is None:
        return Check(AREA, "mlflow", State.OK, hide_password(uri))
    remedy = "start that server, or unset MLFLOW_TRACKING_URI to use a database in the home folder"
    return Check(AREA, "mlflow", State.BROKEN, f"{hide_password(uri)}: {reason}", remedy)


def _check_dask(settings: Settings) -> Check:
    address = settings.dask_scheduler
    if address is None:
        return _check_kind(settings)
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 8786), timeout=PATIENCE):
            return Check(AREA, "dask", State.OK, address)
    except OSError as error:
        remedy = "start that scheduler, or unset SGNN_DASK_SCHEDULER to have a cluster started for each run"
        return Check(AREA, "dask", State.BROKEN, f"{address}: {error.strerror or error}", remedy)


def _check_kind(settings: Settings) -> Check:
    """Whether workers of the configured kind can be asked for, as far as this machine tells."""
    from sgnn.corpus.cluster import missing_here

    found = f"{settings.cluster}: {settings.workers} workers, started for each run"
    lacking = missing_here(settings)
    if lacking is None:
        return Check(AREA, "dask", State.OK, found)
    return Check(AREA, "dask", State.BROKEN, f"{settings.cluster}: {lacking.message}", lacking.remedy)


def _check_data(settings: Settings) -> Iterator[Check]:
    mirror = settings.data_mirror
    if mirror is not None and not mirror.is_dir():
        remedy = "set SGNN_DATA_MIRROR to the folder that holds OWNER/REPOSITORY/COMMIT/PATH, or unset it"
        yield Check(AREA, "real data", State.BROKEN, f"{mirror} is no folder", remedy)
        return
    from sgnn.evaluation.protocol import find_protocol
    from sgnn.simulation.registry import PROTOCOLS, names

    online: str | None = "not asked"
    for name in names(PROTOCOLS):
        files = find_protocol(name).files
        place = mirror or settings.cache / "data"
        absent = [file.place for file in files if not (place / file.place).is_file()]
        if files and not absent:
            yield Check(AREA, f"data of {name}", State.OK, f"{len(files)} files in {place}")
        elif absent and mirror is not None:
            remedy = "put them there, or unset SGNN_DATA_MIRROR to download; without, runs leave out this benchmark"
            yield Check(AREA, f"data of {name}", State.NOTE, f"not in {mirror}: {', '.join(absent)}", remedy)
        elif absent:
            online = answers(DATA_HOST) if online == "not asked" else online
            yield _check_download(f"data of {name}", len(absent), online)


def _check_download(name: str, absent: int, reason: str | None) -> Check:
    if reason is None:
        return Check(AREA, name, State.OK, f"{absent} files will be downloaded from {DATA_HOST}")
    remedy = "set SGNN_DATA_MIRROR to a folder with the data; without, runs leave out this benchmark"
    return Check(AREA, name, State.NOTE, f"{absent} files to download, and {DATA_HOST}: {reason}", remedy)
