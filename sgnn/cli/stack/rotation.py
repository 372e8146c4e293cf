"""New passwords for all of the stack: services that keep them are told, the others read them when they start."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping

from sgnn.cli.stack.keys import LENGTH, NAMES, USER, ensure_keys, write_secret
from sgnn.cli.stack.layout import Layout
from sgnn.cli.stack.ports import HOST
from sgnn.cli.stack.postgres import ADMIN
from sgnn.cli.stack.services import ADMINISTRATOR, ask_mlflow
from sgnn.errors import ServiceError

DRAFT = ".next"
"""Ending of a password that is drawn and not yet in use everywhere."""


def rotate(layout: Layout) -> tuple[str, ...]:
    """Draw every password anew and tell PostgreSQL and MLflow, which run; names of the passwords.

    The services take theirs when they are started again. One that was interrupted is taken up where it stopped, with
    the passwords that it had drawn. Raises `ServiceError` where a service cannot be asked.
    """
    ports = json.loads(layout.ports.read_text(encoding="utf-8"))
    old = {name: (layout.secrets / name).read_text(encoding="utf-8") for name in NAMES}
    new = {name: _drawn(layout, name) for name in NAMES}
    _tell_postgres(ports["postgres"], old["postgres-admin"], new["postgres-admin"])
    _tell_mlflow(f"http://{HOST}:{ports['mlflow']}", old, new)
    for name in NAMES:
        os.replace(layout.secrets / f"{name}{DRAFT}", layout.secrets / name)
    # what users have to show follows
    ensure_keys(layout)
    return NAMES


def _drawn(layout: Layout, name: str) -> str:
    """The new password, kept before anybody is told."""
    draft = layout.secrets / f"{name}{DRAFT}"
    if not draft.exists():
        write_secret(draft, secrets.token_urlsafe(LENGTH))
    return draft.read_text(encoding="utf-8")


def _tell_postgres(port: int, old: str, new: str) -> None:
    """Change the administrator's password; those of the owners are changed at each start."""
    import psycopg
    from psycopg.sql import SQL, Identifier, Literal

    def change(password: str) -> None:
        with psycopg.connect(
            host=HOST, port=port, user=ADMIN, password=password, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(ADMIN), Literal(new)))

    _with_either("PostgreSQL", change, old, new, psycopg.OperationalError)


def _tell_mlflow(address: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Change the passwords of the user and, last, of the administrator, who changes them."""

    def change(password: str) -> None:
        for user, key in ((USER, "mlflow-sgnn"), (ADMINISTRATOR, "mlflow-admin")):
            body = {"username": user, "password": new[key], "current_password": password}
            if user == ADMINISTRATOR and password == new[key]:
                continue
            ask_mlflow(address, "PATCH", "update-password", password, body)

    _with_either("MLflow", change, old["mlflow-admin"], new["mlflow-admin"], OSError)


def _with_either(who: str, change: Callable[[str], None], old: str, new: str, refused: type[Exception]) -> None:
    """Do it with the old password, or with the new one where an interrupted rotation had come so far."""
    try:
        change(old)
    except refused as first:
        try:
            change(new)
        except refused as second:
            raise ServiceError(
                f"{who} does not take a new password: {str(first).strip() or second}",
                remedy="see whether it runs (sgnn stack status), and rotate again",
            ) from first
