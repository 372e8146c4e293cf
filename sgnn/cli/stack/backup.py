"""A backup of the stack, and the stack from a backup: databases, objects, keys, and a list of digests.

Databases are taken before objects: whatever a row names was there when its object is copied.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sgnn
from sgnn.cli.stack import postgres
from sgnn.cli.stack.keys import ensure_keys, private_folder
from sgnn.cli.stack.layout import Layout
from sgnn.cli.stack.ports import HOST, choose_ports
from sgnn.cli.stack.process import Identity, ended_within, identity_of, start
from sgnn.cli.stack.services import stack_folder
from sgnn.errors import ServiceError
from sgnn.files import whole

LIST = "backup.json"
DATABASES = "databases"
COPIED = ("objects", "secrets", "client")
START_SECONDS = 120.0


def back_up(layout: Layout, target: Path) -> int:
    """Write a backup of a running stack into a folder that is not there yet; its size in bytes.

    Raises `ServiceError` where the folder is there, or a database cannot be read.
    """
    if target.exists():
        raise ServiceError(f"{target} is there already", remedy="name a new folder for each backup")
    ports = json.loads(layout.ports.read_text(encoding="utf-8"))
    if not postgres.is_ready(ports["postgres"]):
        raise ServiceError("the stack's PostgreSQL does not run", remedy="`sgnn stack up` first")
    target.parent.mkdir(parents=True, exist_ok=True)
    password = (layout.secrets / "postgres-admin").read_text(encoding="utf-8")
    with whole(target) as draft:
        private_folder(draft)
        (draft / DATABASES).mkdir()
        for name in postgres.OWNERS:
            dump = ["pg_dump", "--format", "custom", "--file", str(draft / DATABASES / f"{name}.dump"), name]
            _postgres_tool(dump, ports["postgres"], password)
        for name in COPIED:
            shutil.copytree(layout.root / name, draft / name, ignore=shutil.ignore_patterns(".tmp.*"))
        shutil.copyfile(layout.ports, draft / layout.ports.name)
        files = {str(file.relative_to(draft)): _digest(file) for file in _files(draft)}
        about = {"sgnn": sgnn.__version__, "made": datetime.now(UTC).isoformat(timespec="seconds"), "sha256": files}
        (draft / LIST).write_text(json.dumps(about, indent=1), encoding="utf-8")
        return sum(file.stat().st_size for file in _files(draft))


def restore(source: Path, layout: Layout) -> str:
    """Make a stack from a backup, where there is none; when the backup was made.

    Raises `ServiceError` where there is one, or a file of the backup is not the one that was written.
    """
    if layout.root.exists() and any(layout.root.iterdir()):
        raise ServiceError(f"there is a stack in {layout.root}", remedy="set SGNN_HOME to a folder without one")
    made = _checked(source)
    stack_folder(layout)
    try:
        for name in COPIED:
            shutil.copytree(source / name, layout.root / name, dirs_exist_ok=True)
        for name in ("secrets", "client"):
            private_folder(layout.root / name)
        shutil.copyfile(source / layout.ports.name, layout.ports)
        keys = ensure_keys(layout)
        port = choose_ports(layout.ports, ["postgres"])["postgres"]
        postgres.initialise(layout, keys["postgres-admin"], postgres.account())
        with _running(layout, port):
            postgres.ensure_databases(HOST, port, keys)
            for name in postgres.OWNERS:
                dump = str(source / DATABASES / f"{name}.dump")
                tool = ["pg_restore", "--exit-on-error", "--dbname", name, dump]
                _postgres_tool(tool, port, keys["postgres-admin"])
    except BaseException:
        # half a stack would be taken for one
        shutil.rmtree(layout.root, ignore_errors=True)
        raise
    return made


@contextmanager
def _running(layout: Layout, port: int) -> Iterator[None]:
    """PostgreSQL alone, for as long as the block runs."""
    process = start(postgres.command(layout, port), dict(os.environ), layout.log("postgres"), postgres.account())
    identity = identity_of(process.pid)
    deadline = time.monotonic() + START_SECONDS
    try:
        while not postgres.is_ready(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServiceError("PostgreSQL did not start", remedy=f"see {layout.log('postgres')}")
            time.sleep(0.1)
        yield
    finally:
        _end(identity)
        process.wait()


def _end(identity: Identity | None) -> None:
    import signal

    if identity is not None:
        identity.signal(signal.SIGINT, group=False)
        if not ended_within([identity], 30.0):
            identity.signal(signal.SIGKILL, group=True)


def _postgres_tool(command: Sequence[str], port: int, password: str) -> None:
    """Run one of PostgreSQL's own programs as the administrator. Raises `ServiceError` with its last line."""
    tool, *rest = command
    where = ["--host", HOST, "--port", str(port), "--username", postgres.ADMIN]
    environment: Mapping[str, str] = {**os.environ, "PGPASSWORD": password}
    done = subprocess.run(
        [str(postgres.binaries() / tool), *where, *rest], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ServiceError(f"{tool} of {rest[-1]} failed: {reason}", remedy="mend that, and do it again")


def _checked(source: Path) -> str:
    """When a backup was made, once every file of it is the one that was written."""
    try:
        about = json.loads((source / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ServiceError(f"{source} holds no backup: {error}", remedy="name the folder of one") from error
    there = {str(file.relative_to(source)) for file in _files(source)} - {LIST}
    for name, digest in about["sha256"].items():
        if name not in there or _digest(source / name) != digest:
            raise ServiceError(f"{source / name} is not the file that was backed up", remedy="use another backup")
    odd = sorted(there - set(about["sha256"]))
    if odd:
        raise ServiceError(f"{source / odd[0]} is not part of the backup", remedy="remove it, or use another backup")
    return str(about["made"])


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
