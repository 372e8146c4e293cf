"""PostgreSQL as a process of ours: found, made, and filled with databases that each have one owner."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sgnn.cli.stack.keys import write_secret
from sgnn.cli.stack.layout import Layout
from sgnn.cli.stack.ports import HOST
from sgnn.errors import ServiceError

ADMIN = "postgres"
OWNERS: Mapping[str, str] = {"prefect": "prefect", "mlflow": "mlflow", "mlflow_auth": "mlflow"}
"""Databases and the one user of each."""
ACCOUNT = "postgres"
"""User of the operating system that Debian's package makes; PostgreSQL refuses to run as root."""
CONFIGURATION: Mapping[str, str] = {
    "listen_addresses": f"'{HOST}'",
    # nobody comes in but by password
    "unix_socket_directories": "''",
    "password_encryption": "'scram-sha-256'",
    "max_connections": "100",
    "shared_buffers": "'64MB'",
    "log_timezone": "'UTC'",
    "timezone": "'UTC'",
    "log_statement": "'none'",
}


def binaries() -> Path:
    """Folder of PostgreSQL's newest programs here: from the path, or where Debian's package puts them.

    Raises `ServiceError` where there are none.
    """
    found = shutil.which("postgres")
    if found is not None:
        return Path(os.path.realpath(found)).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda file: int(file.parts[-3]))
    if not versions:
        raise ServiceError(
            "PostgreSQL is not installed here", remedy="install it (Debian: apt-get install postgresql), or use compose"
        )
    return versions[-1].parent


def account() -> str | None:
    """User of the operating system that PostgreSQL has to run as; None where it is the caller's own.

    Raises `ServiceError` where root has nobody to run it as.
    """
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError as error:
        raise ServiceError(
            "PostgreSQL does not run as root, and there is no user `postgres`", remedy="run as another user, or add it"
        ) from error
    return ACCOUNT


def initialise(layout: Layout, password: str, user: str | None) -> None:
    """Make the data folder where there is none, with an administrator who has a password.

    Raises `ServiceError` where the folder cannot be made, or not be reached by the user that PostgreSQL runs as.
    """
    folder = layout.postgres
    if (folder / "PG_VERSION").exists():
        return
    # what an interrupted start left is no data folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    identity = _identity(user)
    if user is not None:
        shutil.chown(folder, user, user)
        _must_be_reachable(folder, user, identity)
    draft = folder.with_name(".postgres-password")
    write_secret(draft, password)
    try:
        if user is not None:
            shutil.chown(draft, user, user)
        command = [str(binaries() / "initdb"), "--pgdata", str(folder), "--username", ADMIN, "--pwfile", str(draft)]
        command += ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", **identity)
    finally:
        draft.unlink()
    if done.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise ServiceError(f"PostgreSQL's data folder {folder} cannot be made: {done.stderr}", remedy="mend that")


def command(layout: Layout, port: int) -> list[str]:
    """Command line of the server."""
    options = [part for name, value in CONFIGURATION.items() for part in ("-c", f"{name}={value.strip(chr(39))}")]
    return [str(binaries() / "postgres"), "-D", str(layout.postgres), "-p", str(port), *options]


def is_ready(port: int) -> bool:
    """Whether the server takes connections; one that starts or recovers does not yet."""
    asked = [str(binaries() / "pg_isready"), "--quiet", "--host", HOST, "--port", str(port), "--timeout", "2"]
    return subprocess.run(asked, check=False).returncode == 0


def ensure_databases(host: str, port: int, keys: Mapping[str, str]) -> None:
    """Users and databases; each user enters those of its own and no others, and none is an administrator."""
    import psycopg
    from psycopg.sql import SQL, Identifier, Literal

    with psycopg.connect(
        host=host, port=port, user=ADMIN, password=keys["postgres-admin"], dbname="postgres", autocommit=True
    ) as connection:

        def there(table: str, column: str, name: str) -> bool:
            asked = SQL("SELECT 1 FROM {} WHERE {} = {}").format(Identifier(table), Identifier(column), Literal(name))
            return connection.execute(asked).fetchone() is not None

        for user in sorted(set(OWNERS.values())):
            verb = "ALTER" if there("pg_roles", "rolname", user) else "CREATE"
            rights = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD"
            said = SQL(f"{verb} ROLE {{}} {rights} {{}}").format(Identifier(user), Literal(keys[f"postgres-{user}"]))
            connection.execute(said)
        for database, user in OWNERS.items():
            if not there("pg_database", "datname", database):
                connection.execute(SQL("CREATE DATABASE {} OWNER {}").format(Identifier(database), Identifier(user)))
            connection.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(Identifier(database)))
        connection.execute(SQL("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC"))


def _identity(user: str | None) -> dict[str, Any]:
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


def _must_be_reachable(folder: Path, user: str, identity: Mapping[str, Any]) -> None:
    """A folder below one that others may not enter is out of reach, whoever owns it."""
    looked = subprocess.run(["test", "-w", str(folder)], cwd="/", check=False, **identity)
    if looked.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise ServiceError(
            f"the user {user}, which PostgreSQL runs as here, cannot enter {folder}",
            remedy="set SGNN_HOME to a folder below ones that everybody may enter, or run as another user than root",
        )
